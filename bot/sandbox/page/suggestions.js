/**
 * What may complete the input: commands after "/", members after "@".
 * Each: {label, note, face, completes, sends?, mention?}.
 */
export function suggestions(text, { commands, people, bot, inGroup }) {
  const slash = /^\/(\w*)$/.exec(text);
  if (slash) {
    const found = commands.filter((each) => each.command.startsWith(slash[1]));
    return found.map((each) => command(each, bot, inGroup));
  }
  const at = /(^|\s)@([\p{L}\d_]*)$/u.exec(text);
  return at ? people.filter((user) => matches(user, at[2])).map((user) => person(user, text, at[2])) : [];
}

function command({ command: name, description }, bot, inGroup) {
  return {
    label: `/${name}`,
    note: description,
    face: { id: bot.id, name: bot.first_name, isBot: true },
    completes: `/${name} `,
    sends: inGroup ? `/${name}@${bot.username}` : `/${name}`,
  };
}

function matches(user, typed) {
  const names = [user.first_name, user.username ?? ""];
  return names.some((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
}

/** As in Telegram: by the username, and by a mention that carries the id where there is none. */
function person(user, text, typed) {
  const before = text.slice(0, text.length - typed.length - 1);
  const words = user.username ? `@${user.username}` : user.first_name;
  return {
    label: user.first_name,
    note: user.username ? words : "",
    face: { id: user.id, name: user.first_name },
    completes: `${before}${words} `,
    mention: { userId: user.username ? null : user.id, words },
  };
}
