// The pictures that a chat of this bot is likely to hold: colour, outline, and what is drawn in it.
const BLUE = "#5b8fc7";
const GREEN = "#35b34a";
const RED = "#dd3f46";
const AMBER = "#d9930d";
const BROWN = "#a9834f";
const GREY = "#77808c";
const HOURGLASS = "M6 3h12M6 21h12M7 3c0 5 4 6 5 9 1-3 5-4 5-9M7 21c0-5 4-6 5-9 1 3 5 4 5 9";
const ROUND_ARROWS = "M19 8a8 8 0 0 0-14-1M5 16a8 8 0 0 0 14 1M5 3v4h4M19 21v-4h-4";
const ENVELOPE = "M3 6h18v12H3zM3 7l9 7 9-7";

export const DRAWINGS = {
  "✅": [GREEN, "M4 4h16v16H4z", "M7.5 12.5l3 3 6-7"],
  "❌": [RED, "M5 5l14 14M19 5L5 19"],
  "⛔": [RED, "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M7.5 12h9"],
  "🚫": [RED, "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.8 5.8l12.4 12.4"],
  "🔴": [RED, "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z", "M12 12"],
  "🟢": [GREEN, "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z", "M12 12"],
  "🟡": [AMBER, "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z", "M12 12"],
  "⏸": [GREY, "M8 5v14M16 5v14"],
  "⏳": [AMBER, HOURGLASS],
  "⌛": [AMBER, HOURGLASS],
  "⏰": [RED, "M12 5a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 9v4l3 2M3 6l3-3M21 6l-3-3"],
  "⚠": [AMBER, "M12 3L2.5 20h19zM12 9.5v5M12 17.2v.1"],
  "🔔": [AMBER, "M5 18h14c-2-2-2-4-2-7a5 5 0 0 0-10 0c0 3 0 5-2 7zM10 21h4"],
  "❓": [RED, "M8 8.5C8 4 16 4 16 8.5c0 3-4 3-4 6.5M12 19v.1"],
  "❔": [GREY, "M8 8.5C8 4 16 4 16 8.5c0 3-4 3-4 6.5M12 19v.1"],
  "❗": [RED, "M12 4v10M12 19v.1"],
  "ℹ": [BLUE, "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 7.5v.1"],
  "🔍": [BLUE, "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM14.5 14.5L20 20"],
  "🔄": [BLUE, ROUND_ARROWS],
  "🔁": [BLUE, ROUND_ARROWS],
  "💬": [BLUE, "M4 5h16v11H11l-5 4v-4H4z"],
  "✉": [BLUE, ENVELOPE],
  "📩": [BLUE, ENVELOPE],
  "📨": [BLUE, ENVELOPE],
  "📱": [GREY, "M7 2.5h10v19H7zM10.5 18.5h3"],
  "📞": [GREEN, "M6 3l4 1 1 5-3 2c1 2 3 4 5 5l2-3 5 1 1 4c-8 5-20-7-15-15z"],
  "🛒": [GREY, "M2 4h3l3 11h10l3-8H6M9 19.5v.1M17 19.5v.1"],
  "🗂": [BROWN, "M3 6h7l2 3h9v11H3zM6 3h7l2 3"],
  "📋": [BROWN, "M6 4h12v17H6zM9 3h6v3H9zM9 11h6M9 15h6"],
  "🧾": [GREY, "M5 3h14v18l-2.5-2-2.3 2-2.2-2-2.2 2-2.3-2L5 21zM9 8h6M9 12h6"],
  "💳": [BROWN, "M3 6h18v12H3zM3 10h18M6 15h4"],
  "💰": [AMBER, "M9 3h6l-2 4c5 3 7 13 3 14H8c-4-1-2-11 3-14zM12 11v6"],
  "💵": [GREEN, "M3 7h18v10H3zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"],
  "🔒": [AMBER, "M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3"],
  "🔑": [AMBER, "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l9-8M16 7.5l3 3"],
  "👁": [GREY, "M2 12c5-8 15-8 20 0-5 8-15 8-20 0zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"],
  "👤": [GREY, "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-8 16-8 16 0"],
  "👥": [GREY, "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20c0-7 13-7 13 0M15.5 5.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.5 1 3.5 3 3.5 5.5"],
  "👋": [AMBER, "M8 12V6M11 11V4M14 11V5M17 13V8M8 12c-2-2-4 0-3 2l4 6h6c3-2 3-6 2-9"],
  "🙋": [AMBER, "M11 8a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 21c0-5 14-5 14 0M18 17V4"],
  "🎉": [AMBER, "M4 20l5-12 7 7zM14 4v3M20 10h-3M17 7l3-3"],
  "📦": [BROWN, "M3 8l9-5 9 5v9l-9 5-9-5zM3 8l9 5 9-5M12 13v9"],
  "📜": [BROWN, "M6 4h12v16H6zM9 9h6M9 13h6M9 17h3"],
  "🌍": [BLUE, "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c-5 6-5 12 0 18 5-6 5-12 0-18"],
  "🌙": [AMBER, "M19 15A8.5 8.5 0 1 1 10 4a7 7 0 0 0 9 11z"],
  "☀": [AMBER, "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M19 5l-1.5 1.5M6.5 17.5L5 19"],
  "⚖": [GREY, "M12 4v16M8 20h8M4 7h16M4 7l-2 7h5zM20 7l-3 7h5z"],
  "📊": [BLUE, "M4 20h16M7 20v-7M12 20V6M17 20v-10"],
  "⭐": [AMBER, "M12 4l2.5 5.2 5.5.8-4 4 1 5.6-5-2.7-5 2.7 1-5.6-4-4 5.5-.8z"],
};
