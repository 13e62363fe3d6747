import type { Locator, Page } from 'playwright-core';

/**
 * Clicks what leads to another page, and comes back when that page is there: the click alone is over before a busy browser has left
 * the old one, which may well have a heading, too.
 */
export async function follow(page: Page, link: string | Locator): Promise<void> {
  const element = typeof link === 'string' ? page.locator(link) : link;
  await Promise.all([page.waitForEvent('framenavigated'), element.click()]);
  await page.waitForLoadState();
}
