"use strict";
// What the page can do beyond being read: copy commands, and show only some cases.
for (const commands of document.querySelectorAll("pre.commands")) {
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy";
  copy.textContent = "Copy";
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(commands.textContent);
      copy.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(commands);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      copy.textContent = "Selected";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  });
  commands.before(copy);
}
const heading = document.getElementById("cases");
const rows = [...document.querySelectorAll("ul.cases > li")];
if (heading && rows.length > 0) {
  const form = document.createElement("form");
  form.className = "filter";
  form.setAttribute("role", "search");
  const label = document.createElement("label");
  label.textContent = "Show only cases with ";
  const text = document.createElement("input");
  text.type = "search";
  label.append(text);
  const flawed = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  flawed.append(box, " hide what passed");
  const count = document.createElement("output");
  form.append(label, " ", flawed, " ", count);
  const show = () => {
    const wanted = text.value.toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const hit = row.textContent.toLowerCase().includes(wanted) && !(box.checked && row.dataset.outcome === "pass");
      row.hidden = !hit;
      shown += hit ? 1 : 0;
    }
    count.textContent = `${shown} of ${rows.length} lines`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  heading.after(form);
  show();
}
