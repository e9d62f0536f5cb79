// Tables that are searched, filtered and sorted; ages as of today; whole pages on paper. Without it all is there to read.
"use strict";

const fold = (text) => text.normalize("NFKC").toLocaleLowerCase();
const compare = new Intl.Collator("en", { numeric: true }).compare;

function showAges() {
  const today = Math.floor(Date.now() / 864e5);
  for (const age of document.querySelectorAll(".age")) {
    const days = today - Math.floor(Date.parse(age.dataset.since) / 864e5);
    if (days >= 0) age.textContent = `${days} day${days === 1 ? "" : "s"} ago`;
  }
}

function makeTable(tools) {
  const table = document.getElementById(tools.dataset.tools);
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const search = tools.querySelector("[data-search]");
  const controls = [...tools.querySelectorAll("select, [data-also]")];
  const texts = new Map(rows.map((row) => [row, fold(`${row.textContent} ${row.dataset.words ?? ""}`)]));

  const filters = controls.filter((one) => one.dataset.filter);
  const side = tools.querySelector("[data-of-filter]");
  const also = tools.querySelector("[data-also]");
  const nameOf = (one) => one.dataset.filter ?? one.dataset.ofFilter ?? one.dataset.also;

  function valuesOf(row, filter) {
    const name = filter.dataset.of ? `data-${filter.dataset.filter}-${side.value}` : `data-${filter.dataset.filter}`;
    return (row.getAttribute(name) ?? "").split(" ");
  }

  function show() {
    const words = fold(search.value).split(/\s+/u).filter(Boolean);
    const asked = filters.filter((one) => one.value);
    let shown = 0;
    let known = 0;
    for (const row of rows) {
      const isMeant = !also || also.checked || !row.hasAttribute(`data-${also.dataset.also}`);
      const isFound = words.every((word) => texts.get(row).includes(word))
        && asked.every((one) => valuesOf(row, one).includes(one.value));
      row.hidden = !(isMeant && isFound);
      known += isMeant;
      shown += isMeant && isFound;
    }
    tools.querySelector("[data-count]").textContent =
      shown === known ? `All ${known} ${tools.dataset.noun}` : `${shown} of ${known} ${tools.dataset.noun}`;
  }

  // What is asked stands in the address, so that a view can be sent to somebody.
  function remember() {
    const state = new URLSearchParams();
    if (search.value) state.set("search", search.value);
    for (const one of controls) {
      if (one.type === "checkbox" ? one.checked : one.value !== (one.dataset.start ?? "")) {
        state.set(nameOf(one), one.type === "checkbox" ? "yes" : one.value);
      }
    }
    history.replaceState(null, "", `#${state}`);
  }

  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    search.value = state.get("search") ?? "";
    for (const one of controls) {
      const value = state.get(nameOf(one));
      if (one.type === "checkbox") one.checked = value === "yes";
      else one.value = [...one.options].some((option) => option.value === value) ? value : one.dataset.start ?? "";
    }
  }

  function sort(header, column) {
    const isUp = header.getAttribute("aria-sort") !== "ascending";
    for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", isUp ? "ascending" : "descending");
    const keys = new Map(rows.map((row) => [row, row.cells[column].dataset.sort ?? row.cells[column].textContent.trim()]));
    const ordered = [...rows].sort((one, other) => (isUp ? 1 : -1) * compare(keys.get(one), keys.get(other)));
    body.append(...ordered);
  }

  const last = table.tHead.rows[table.tHead.rows.length - 1];
  [...last.cells].forEach((header, column) => {
    if (!("sortable" in header.dataset)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sort(header, column));
  });

  const change = () => { show(); remember(); };
  search.addEventListener("input", change);
  for (const one of controls) one.addEventListener("change", change);
  tools.querySelector("[data-reset]").addEventListener("click", () => {
    history.replaceState(null, "", "#");
    recall();
    show();
    search.focus();
  });
  window.addEventListener("hashchange", () => {
    if (location.hash.includes("=")) { recall(); show(); } // any other leads to a place on the page
  });
  recall();
  show();
  tools.hidden = false;
}

function openForPrint() {
  const closed = () => [...document.querySelectorAll("details:not([open])")];
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = closed();
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
}

showAges();
for (const tools of document.querySelectorAll("[data-tools]")) makeTable(tools);
openForPrint();
