// Emoji by the groups of Unicode's emoji-test list (version 15), those that people at work use. Bundled: nothing is fetched.
// Words are found in both languages; what has none is found by looking.

const groups = {
  faces: "😀 😃 😄 😁 😆 😅 🤣 😂 🙂 😉 😊 😇 🥰 😍 😘 😋 😛 😜 🤪 🤗 🤭 🤫 🤔 🫡 🤐 😐 😑 😶 😏 😒 🙄 😬 😌 😔 😪 😴 😷 🤒 🤕 🤧 🥵 🥶 😵 🤯 🥳 😎 🤓 🧐 😕 🫤 😟 🙁 😮 😲 😳 🥺 😦 😨 😰 😥 😢 😭 😱 😖 😣 😞 😓 😩 😫 🥱 😤 😡 😠 🤡 👻 🤖",
  hands: "👍 👎 👌 🤏 ✌️ 🤞 🤝 🙏 👏 🙌 👐 🫶 💪 👋 🤚 ✋ 🖖 👉 👈 👆 👇 ☝️ ✊ 👊 🤛 🤜 ✍️ 🙋 🤦 🤷 🙇 💁 🙅 🙆 👀 🧠 👤 👥",
  signs: "❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 💯 ✅ ☑️ ✔️ ❌ ❎ ⭕ ⛔ 🚫 ❗ ❓ ‼️ ⚠️ 🔔 🔕 💤 💡 🔥 ✨ ⭐ 🌟 🎉 🎊 🎁 🏆 🥇 🥈 🥉 🎯 ➕ ➖ ♻️ 🆗 🆕 🔴 🟠 🟡 🟢 🔵 🟣 ⚫ ⚪",
  work: "📌 📍 📎 📝 📄 📃 📑 📊 📈 📉 📅 📆 🗓️ 📁 📂 🗂️ 📦 📬 📧 📨 💼 💻 🖥️ 🖨️ ⌨️ 🖱️ 📱 ☎️ 📞 📷 🎥 🎤 🎧 🔍 🔒 🔓 🔑 🔧 🔨 🛠️ ⚙️ 🧰 📐 📏 ✂️ 🖊️ 🖌️ 💰 💳 🧾 ⏰ ⏳ ⌛ 🏢 🏗️ 🏠 🏥 🏫 🏭",
  life: "☕ 🍵 🥤 🍺 🍻 🥂 🍜 🍚 🍱 🥟 🍞 🍕 🍔 🥗 🍎 🍊 🍉 🍓 🎂 🍰 🍬 🌱 🌸 🌹 🌻 🍀 🍁 🐶 🐱 🐼 🐯 🐮 🐷 🐵 🐔 🐟 🐢 🚗 🚌 🚇 🚄 ✈️ 🚀 🚢 🚲 ☀️ ⛅ 🌧️ ⛈️ ❄️ 🌈 🌙 ⚽ 🏀 🏃 🎮 🎵 🧧 🎆 🏮",
} as const;

export type EmojiGroup = keyof typeof groups;

export const emojiGroups: readonly (readonly [EmojiGroup, readonly string[]])[] = (Object.keys(groups) as EmojiGroup[]).map((group) => [group, groups[group].split(" ")] as const);

const words: Readonly<Record<string, string>> = {
  "👍": "赞 好 同意 yes ok good like thumbs up", "👎": "反对 no bad thumbs down", "👌": "可以 ok", "🙏": "谢谢 拜托 thanks please", "👏": "鼓掌 clap", "🤝": "合作 握手 deal handshake", "💪": "加油 strong",
  "❤️": "爱心 喜欢 heart love", "🎉": "庆祝 恭喜 celebrate party", "✅": "完成 通过 done check", "❌": "不 错 no wrong", "⚠️": "注意 警告 warning", "🔥": "火 fire hot", "💯": "满分 hundred", "😂": "笑哭 joy laugh", "😄": "笑 smile",
  "😊": "微笑 smile", "😭": "大哭 cry", "😅": "汗 sweat", "🤔": "思考 think", "🫡": "收到 敬礼 salute", "👀": "看 eyes look", "😡": "生气 angry", "🥳": "庆祝 party", "😴": "睡 sleep", "🤦": "捂脸 facepalm", "🤷": "不知道 shrug",
  "☕": "咖啡 coffee", "🍵": "茶 tea", "🎂": "生日 birthday cake", "🧧": "红包 red envelope", "🌹": "玫瑰 rose", "📌": "图钉 pin", "📎": "附件 attach", "📅": "日历 calendar", "⏰": "闹钟 clock", "💡": "主意 idea", "🚀": "火箭 rocket", "⭐": "星 star",
};

/** What people put to messages most, for one press. */
export const quickEmoji = ["👍", "❤️", "😂", "🎉", "👌", "🙏"] as const;

export function findEmoji(query: string): string[] {
  const wanted = query.trim().toLowerCase();
  return emojiGroups.flatMap(([, all]) => all).filter((emoji) => emoji === wanted || (words[emoji] ?? "").includes(wanted));
}

const KEY = "roundtable.emoji";

export function recentEmoji(): string[] {
  try {
    const known = new Set<string>(emojiGroups.flatMap(([, all]) => all));
    return (localStorage.getItem(KEY) ?? "").split(" ").filter((emoji) => known.has(emoji));
  } catch {
    return [];
  }
}

export function usedEmoji(emoji: string): void {
  try {
    localStorage.setItem(KEY, [emoji, ...recentEmoji().filter((other) => other !== emoji)].slice(0, 16).join(" "));
  } catch {
    // Storage may be forbidden: then there are no recent ones.
  }
}
