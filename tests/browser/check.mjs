// Opens pages in Chromium as readers do: narrow and wide, light and dark, and on paper. Fails on an error in the page, on
// anything that it would load, on a page wider than the screen or the paper, on a chart that print would cut, and on what shuts
// out people who do not see it (axe: serious or worse).
//
//     node tests/browser/check.mjs PAGE.html …
//
// playwright-core and axe-core are found in the folder that NODE_MODULES names.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(resolve(process.env.NODE_MODULES ?? 'node_modules', 'x.js'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const wrong = [];
const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
// Chromium itself falls over as it starts, once in a while.
const browser = await launch().catch(launch);

async function onScreens(file) {
  const address = pathToFileURL(resolve(file)).href;
  for (const width of [390, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      const where = `${file} at ${width} px, ${colorScheme}`;
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      page.on('pageerror', (error) => wrong.push(`${where}: ${error}`));
      page.on('dialog', (dialog) => { wrong.push(`${where}: a dialog says ${dialog.message()}`); dialog.dismiss(); });
      page.on('request', (request) => { if (request.url() !== address) wrong.push(`${where}: asks for ${request.url()}`); });
      await page.goto(address);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) wrong.push(`${where}: ${overflow} px wider than the screen`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      for (const { id, impact, nodes } of violations) {
        if (['serious', 'critical'].includes(impact)) wrong.push(`${where}: ${id}: ${nodes.map((node) => node.html).slice(0, 3).join('\n  ')}`);
      }
      await page.close();
    }
  }
}

// What is left of a sheet of A4 within the margins of page.css, in px of CSS.
const sheet = { width: Math.floor((210 - 30) / 25.4 * 96), height: Math.floor((297 - 30) / 25.4 * 96) };
async function onPaper(file) {
  const page = await browser.newPage({ viewport: sheet });
  await page.goto(pathToFileURL(resolve(file)).href);
  await page.emulateMedia({ media: 'print' });
  const across = await page.evaluate(() => document.querySelector('.broad') !== null);
  if (across) await page.setViewportSize({ width: sheet.height, height: sheet.width });
  const seen = await page.evaluate(({ height }) => {
    const cut = [...document.querySelectorAll('figure, .cards li, tr')].filter((part) =>
      getComputedStyle(part).breakInside !== 'avoid' || part.getBoundingClientRect().height > height);
    return { cut: cut.map((part) => part.textContent.slice(0, 60)), overflow: document.documentElement.scrollWidth - window.innerWidth };
  }, across ? { height: sheet.width } : sheet);
  for (const part of seen.cut) wrong.push(`${file} on paper: cut: ${part}`);
  if (seen.overflow > 0) wrong.push(`${file} on paper: ${seen.overflow} px wider than a sheet of A4`);
  const pdf = await page.pdf({ preferCSSPageSize: true, path: file.replace(/\.html$/, '.pdf') });
  const boxes = [...pdf.toString('latin1').matchAll(/\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/g)];
  const isA4 = ([, ...sides]) => [595, 842].every((side) => sides.some((length) => Math.abs(length - side) < 2));
  if (boxes.length === 0 || !boxes.every(isA4)) wrong.push(`${file} on paper: not on sheets of A4`);
  await page.close();
}

// Two at a time: a page has a process of its own.
const left = process.argv.slice(2);
async function look() {
  for (let file; (file = left.shift()) !== undefined;) {
    await onScreens(file);
    await onPaper(file);
  }
}
await Promise.all([look(), look()]);
await browser.close();
for (const line of wrong.sort()) console.error(line);
console.log(`${process.argv.length - 2} pages, ${wrong.length} things wrong`);
process.exit(wrong.length ? 1 : 0);
