const TELEGRAM = "telegram/sandbox";
const SPOTSMS = "spotsms/sandbox";
const RECONNECT_MS = 1000;

async function request(method, path, { query = {}, body } = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value != null));
  const answer = await fetch(`${path}${search.size ? `?${search}` : ""}`, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(reason(text) || `${answer.status} ${answer.statusText}`);
  return text ? JSON.parse(text) : null;
}

function reason(text) {
  try {
    const { error, description } = JSON.parse(text);
    return error ?? description;
  } catch {
    return text.slice(0, 200);
  }
}

export const personas = () => request("GET", "personas.json");

/** The Bot API sandbox's control API. */
export const telegram = {
  world: (viewer) => request("GET", `${TELEGRAM}/world`, { query: viewer }),
  messages: (query) => request("GET", `${TELEGRAM}/messages`, { query }),
  say: (body) => request("POST", `${TELEGRAM}/say`, { body }),
  press: (body) => request("POST", `${TELEGRAM}/press`, { body }),
  member: (body) => request("POST", `${TELEGRAM}/member`, { body }),
  group: (body) => request("POST", `${TELEGRAM}/group`, { body }),
  topic: (body) => request("POST", `${TELEGRAM}/topic`, { body }),
  migrate: (body) => request("POST", `${TELEGRAM}/migrate`, { body }),
  follow: (body) => request("POST", `${TELEGRAM}/follow`, { body }),
  block: (body) => request("POST", `${TELEGRAM}/block`, { body }),
  fault: (body) => request("POST", `${TELEGRAM}/fault`, { body }),
  clearFaults: () => request("DELETE", `${TELEGRAM}/fault`),
  calls: (after) => request("GET", `${TELEGRAM}/calls`, { query: { after } }),
  fileUrl: (url) => (url.startsWith("/") ? `telegram${url}` : url),
  listen: (hear, online) => listen(`${TELEGRAM}/events`, hear, online),
};

/** The SpotSMS sandbox's control API. */
export const spotsms = {
  state: () => request("GET", `${SPOTSMS}/state`),
  catalogue: (pid) => request("GET", `${SPOTSMS}/catalogue`, { query: { pid } }),
  sms: (body) => request("POST", `${SPOTSMS}/sms`, { body }),
  balance: (balance) => request("POST", `${SPOTSMS}/balance`, { body: { balance } }),
  stock: (body) => request("POST", `${SPOTSMS}/stock`, { body }),
  price: (body) => request("POST", `${SPOTSMS}/price`, { body }),
  fault: (body) => request("POST", `${SPOTSMS}/fault`, { body }),
  clearFaults: () => request("DELETE", `${SPOTSMS}/fault`),
  listen: (hear, online) => listen(`${SPOTSMS}/events`, hear, online),
};

/** Keeps a web socket open; `online(true)` after every connect, `online(false)` when it breaks. */
function listen(path, hear, online) {
  const url = new URL(path, document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  socket.onopen = () => online(true);
  socket.onmessage = (event) => hear(JSON.parse(event.data));
  socket.onclose = () => {
    online(false);
    setTimeout(() => listen(path, hear, online), RECONNECT_MS);
  };
}
