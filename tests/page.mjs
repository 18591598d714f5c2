// Opens the page of each folder of results in Chromium, and says what is wrong with it. `tests/page.sh` runs this.
import { readFileSync, mkdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const WIDTHS = [1280, 768, 400];
const SCHEMES = ["light", "dark"];
const MOST_PRINTED = 2;

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.GTNET_SIM_SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

const wrong = [];
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"],
});

for (const folder of process.argv.slice(2)) {
  const name = basename(resolve(folder));
  const page = await browser.newPage();
  // What the test itself adds to a page must not be refused by the page's own policy.
  await page.setBypassCSP(true);
  const say = (what) => wrong.push(`${name}: ${what}`);
  page.on("console", (message) => message.type() === "error" && say(`console: ${message.text()}`));
  page.on("pageerror", (error) => say(`script: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith("file:") && !url.startsWith("data:")) say(`asks the network for ${url}`);
    if (url.startsWith("file:") && !url.endsWith("/report.html")) say(`reads ${url}`);
  });
  const open = () => page.goto(`file://${resolve(folder)}/report.html`, { waitUntil: "load" });

  for (const scheme of SCHEMES) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    for (const width of WIDTHS) {
      await page.setViewport({ width, height: 900 });
      await open();
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) say(`overflows by ${over} pixels at ${width}`);
      const cut = await page.evaluate(() => {
        const limits = (svg) => svg.getBoundingClientRect();
        const texts = [...document.querySelectorAll("svg text")].filter((text) => text.getClientRects().length);
        const leaves = (text) => {
          const [own, of] = [text.getBoundingClientRect(), limits(text.ownerSVGElement)];
          return own.left + 1 < of.left - 4 || own.right - 1 > of.right + 4;
        };
        return texts.filter(leaves).map((text) => text.textContent);
      });
      if (cut.length) say(`texts leave their drawing at ${width}: ${cut.slice(0, 4).join(" | ")}`);
      if (shots) await page.screenshot({ path: `${shots}/${name}-${scheme}-${width}.png`, fullPage: true });
    }
    await page.setViewport({ width: 1280, height: 900 });
    await open();
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const violation of found.violations) {
      say(`axe (${scheme}): ${violation.id}: ${violation.help}: ${violation.nodes[0].html.slice(0, 160)} (${violation.nodes.length} places)`);
    }
  }

  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await open();
  // Each chart whose legend has buttons: the first one switches its series off and on, by keyboard.
  const charts = await page.$$(".chart");
  for (const chart of charts) {
    const button = await chart.$(".legend button");
    if (button) {
      const off = () => chart.$$eval(".series.off", (series) => series.length);
      await button.focus();
      await page.keyboard.press("Enter");
      if ((await off()) === 0) say("a button switches no series off");
      await page.keyboard.press("Enter");
      if ((await off()) !== 0) say("a button does not switch its series on again");
    }
    if (!(await chart.$("[data-told]"))) continue;
    const tip = () => chart.$eval(".tip", (tip) => tip.textContent);
    await (await chart.$(".plot")).focus();
    await page.keyboard.press("ArrowRight");
    const first = await tip();
    if (!first) say("an arrow key shows no value");
    await page.keyboard.press("Escape");
    if (await tip()) say("Escape does not hide a value");
    const value = await chart.$("[data-told]");
    await value.scrollIntoView();
    await value.hover();
    if (!(await tip())) say("pointing at a value does not show it");
  }
  if (charts.length === 0) say("has no chart");
  if (shots && charts[0]) await page.screenshot({ path: `${shots}/${name}-hover.png` });

  await open();
  const pdf = await page.pdf({ format: "A4", printBackground: true, preferCSSPageSize: true, path: shots ? `${shots}/${name}.pdf` : undefined });
  const printed = (Buffer.from(pdf).toString("latin1").match(/\/Type\s*\/Page[^s]/g) ?? []).length;
  if (printed > MOST_PRINTED && !name.startsWith("pair")) say(`takes ${printed} pages of paper`);
  await page.close();
  console.log(`${name}: ${charts.length} charts, ${printed} printed pages`);
}

await browser.close();
for (const one of wrong) console.error(one);
if (wrong.length) process.exit(1);
console.log("all is well");
