// Opens pages in Chromium as readers do: narrow and wide, light and dark. Fails on an error in the page, on anything that it
// would load, on a page wider than the screen, and on what shuts out people who do not see it (axe: serious or worse).
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
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
for (const file of process.argv.slice(2)) {
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
await browser.close();
for (const line of wrong) console.error(line);
console.log(`${process.argv.length - 2} pages, ${wrong.length} things wrong`);
process.exit(wrong.length ? 1 : 0);
