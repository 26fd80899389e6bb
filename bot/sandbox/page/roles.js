// Who is what in a group, and what the chosen persona may do about it.
import { isAdmin, membership, present, state } from "./store.js";

const TITLES = { creator: "owner", administrator: "admin", member: "member" };

/** "owner", "admin", "member", or "" of somebody who is not there. */
export const roleOf = (group, userId) => TITLES[membership(group, userId)?.status] ?? "";

/** How many they are: "1 member", "3 members". */
export function memberCount(group) {
  const count = present(group).length;
  return count === 1 ? "1 member" : `${count} members`;
}

/** What `member` may have done to them: `[act, words, isDangerous]`, as Telegram's apps offer it. */
export function actsOn(group, member) {
  if (member.user_id === state.personaId) return ownActs(group, member);
  if (!isAdmin(group, state.personaId) || member.status === "creator") return [];
  const change =
    member.status === "administrator"
      ? ["demote", "Dismiss admin", false]
      : ["promote", "Promote to admin", false];
  return [change, ["remove", "Remove", true]];
}

function ownActs(group, member) {
  const anonymity = member.anonymous
    ? ["show", "Show my name", false]
    : ["hide", "Remain anonymous", false];
  const mayHide = isAdmin(group, member.user_id) && group.type === "supergroup";
  return [...(mayHide ? [anonymity] : []), ["leave", "Leave group", true]];
}
