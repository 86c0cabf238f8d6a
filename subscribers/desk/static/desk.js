// The live half of the desk. Cards arrive as trees and are built node by node: text can never become markup.
"use strict";

const list = document.getElementById("incidents");
const live = document.getElementById("live");
const told = document.getElementById("told");
const nothing = document.getElementById("nothing");
const words = document.body.dataset;
const ATTRIBUTES = /^(class|id|href|lang|dir|datetime|tabindex|hidden|aria-[a-z]+|data-[a-z-]+|role)$/;
const ELEMENTS = /^(article|p|h2|a|bdi|time|span|b)$/;

function build(tree) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const [name, attributes, content] = tree;
  if (!ELEMENTS.test(name)) throw new Error(`a card holds no ${name}`);
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (ATTRIBUTES.test(key) && !(key === "href" && !value.startsWith("/"))) node.setAttribute(key, value);
  }
  for (const part of content) node.appendChild(build(part));
  return node;
}

function place(update) {
  const fresh = build(update.card);
  const old = document.getElementById(update.id);
  const revision = Number(fresh.dataset.revision);
  if (old && Number(old.dataset.revision) >= revision) return;
  const focused = old && old.contains(document.activeElement);
  if (old) old.remove();
  fresh.classList.add("fresh");
  const at = fresh.querySelector("time").getAttribute("datetime");
  const later = [...list.children].find((card) => card.querySelector("time").getAttribute("datetime") <= at);
  list.insertBefore(fresh, later || null);
  nothing.hidden = true;
  if (focused) fresh.querySelector("a").focus();
  told.textContent = `${old ? words.sayUpdated + ": " : ""}${update.say}`;
}

function connect(address) {
  const events = new EventSource(address); // sends Last-Event-ID by itself when it comes back
  events.onopen = () => state("live", words.sayLive);
  events.onerror = () => {
    state("offline", words.sayOffline);
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 10000);
  };
  events.addEventListener("incident", (event) => place(JSON.parse(event.data)));
  events.addEventListener("gone", (event) => document.getElementById(JSON.parse(event.data).id)?.remove());
  events.addEventListener("reload", () => location.reload());
  window.addEventListener("pagehide", () => events.close());
}

function state(name, text) {
  if (live.textContent !== text) live.textContent = text;
  live.className = name;
}

const filters = document.getElementById("filters");
if (filters && matchMedia("(min-width: 60rem)").matches) filters.open = true;

function walk(step) {
  const cards = [...list.children];
  const here = cards.findIndex((card) => card.contains(document.activeElement));
  const next = cards[Math.min(Math.max(here + step, 0), cards.length - 1)];
  if (next) next.querySelector("h2 a").focus();
}

document.addEventListener("keydown", (event) => {
  if (!list || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "/") {
    event.preventDefault();
    filters.open = true;
    document.getElementById("search").focus();
  }
});

if (list && words.live) connect(words.live);
else if (live) live.textContent = "";
