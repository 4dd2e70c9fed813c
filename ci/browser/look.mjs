// Looks at pages in Chromium and says what is wrong with them.
//
// Usage: look.mjs FOLDER CHROMIUM
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const [folder, executablePath] = process.argv.slice(2);
// The most bytes of each page.
const PAGES = { holds: 300_000, fails: 300_000, large: 5_000_000, hostile: 300_000, waived: 300_000 };
const WIDTHS = { holds: [1280, 768, 375], fails: [1280, 768, 375], large: [1280, 375], hostile: [375], waived: [768] };
const counts = { passed: 0, failed: 0 };

function expect(name, wrong) {
  if (wrong.length === 0) {
    counts.passed += 1;
    console.log(`ok      ${name}`);
  } else {
    counts.failed += 1;
    console.log(`FAILED  ${name}:\n        ${wrong.join("\n        ")}`);
  }
}

async function open(browser, name, options) {
  const page = await browser.newPage(options);
  const said = [];
  page.on("console", (message) => said.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  const url = pathToFileURL(join(folder, `${name}.html`)).href;
  page.on("request", (request) => {
    if (request.url() !== url) said.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, said };
}

// What is wrong for those who do not see the page as it is drawn.
async function judged(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return found.violations.map((rule) => `${rule.id}: ${rule.help}: ${rule.nodes[0].html.slice(0, 160)} ${rule.nodes[0].failureSummary.split("\n")[1] ?? ""}`);
}

async function look(browser, name, width, colorScheme) {
  const { page, said } = await open(browser, name, { viewport: { width, height: 900 }, colorScheme });
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  if (wide > width) said.push(`${wide} pixels wide`);
  said.push(...(await judged(page)));
  await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
  expect(`${name}, ${width} pixels, ${colorScheme}`, said);
  if (width === WIDTHS[name][0] && colorScheme === "light") {
    const [paint] = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint").map((entry) => entry.startTime));
    console.log(`        first paint after ${Math.round(paint)} ms, ${statSync(join(folder, `${name}.html`)).size} bytes`);
    await page.screenshot({ path: join(folder, `${name}-whole.png`), fullPage: name !== "large" });
  }
  await page.close();
}

// What the script adds, by keyboard and by mouse.
async function use(browser) {
  const { page, said } = await open(browser, "fails", { viewport: { width: 1280, height: 900 } });
  const wrong = said;
  await page.keyboard.press("Tab");
  if ((await page.evaluate(() => document.activeElement.textContent)) !== "To the report") wrong.push("the first stop is not the way past the head");
  const rows = page.locator("ul.cases > li:visible");
  const all = await rows.count();
  await page.getByRole("searchbox").fill("oss-write");
  const few = await rows.count();
  if (!(few > 0 && few < all)) wrong.push(`the filter shows ${few} of ${all}`);
  await page.getByRole("searchbox").fill("");
  await page.getByRole("checkbox").check();
  if ((await page.locator('ul.cases > li[data-outcome="pass"]:visible').count()) > 0) wrong.push("what passed is not hidden");
  const copy = page.getByRole("button", { name: "Copy" });
  if ((await copy.count()) !== (await page.locator("pre.commands").count())) wrong.push("not every command can be copied");
  await copy.first().click();
  const copied = page.getByRole("button", { name: /Copied|Selected/ });
  await copied.waitFor({ timeout: 10_000 }).catch(() => wrong.push("nothing was copied"));
  // Each arrow leads to its cases.
  await page.locator('svg a[href="#host-to-buckets"] rect').click();
  if (!(await page.locator("h3#host-to-buckets").isVisible())) wrong.push("an arrow leads nowhere");
  expect("filter, copy, arrows, keyboard", wrong);
  await page.close();
}

async function withoutScript(browser) {
  const { page, said } = await open(browser, "fails", { javaScriptEnabled: false });
  for (const text of ["start with prediction-agrees", "nft insert rule", "stops at oss-write"]) {
    if (!(await page.getByText(text).first().isVisible())) said.push(`${text} is not to be seen`);
  }
  if ((await page.locator("button").count()) > 0) said.push("a button that does nothing");
  expect("without script", said);
  await page.close();
}

async function print(browser) {
  const { page, said } = await open(browser, "fails", { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  if (background !== "rgb(255, 255, 255)") said.push(`printed on ${background}`);
  const pdf = await page.pdf({ path: join(folder, "fails.pdf"), format: "A4" });
  if (!pdf.subarray(0, 5).equals(Buffer.from("%PDF-"))) said.push("not a PDF");
  expect("print", said);
  await page.close();
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  for (const [name, most] of Object.entries(PAGES)) {
    const size = readFileSync(join(folder, `${name}.html`)).length;
    expect(`${name}: at most ${most} bytes`, size > most ? [`${size}`] : []);
    for (const width of WIDTHS[name]) {
      for (const scheme of ["light", "dark"]) await look(browser, name, width, scheme);
    }
  }
  await use(browser);
  await withoutScript(browser);
  await print(browser);
} finally {
  await browser.close();
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
