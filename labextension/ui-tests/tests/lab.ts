// What the tests do in JupyterLab: make a notebook, open it, run it, and read pixels out of a viewer.
import { expect, type Page } from '@playwright/test';

interface LabApp {
  commands: { execute(id: string, args?: unknown): Promise<unknown> };
  restored: Promise<void>;
}

/** A code cell's source, or a whole list of them, becomes a notebook in the server's root folder. */
export async function makeNotebook(page: Page, name: string, cells: string[]): Promise<void> {
  const content = {
    cells: cells.map((source, i) => ({
      cell_type: 'code',
      id: `cell-${i}`,
      execution_count: null,
      metadata: {},
      outputs: [],
      source
    })),
    metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
    nbformat: 4,
    nbformat_minor: 5
  };
  await putNotebook(page, name, content);
}

export async function putNotebook(page: Page, name: string, content: unknown): Promise<void> {
  const answer = await page.request.put(`/api/contents/${name}`, {
    data: { type: 'notebook', format: 'json', content },
    headers: await xsrf(page)
  });
  expect(answer.ok(), await answer.text()).toBeTruthy();
}

async function xsrf(page: Page): Promise<Record<string, string>> {
  await page.request.get('/lab');
  const cookies = await page.context().cookies();
  const token = cookies.find(cookie => cookie.name === '_xsrf')?.value ?? '';
  return { 'X-XSRFToken': token };
}

export async function openNotebook(page: Page, name: string): Promise<void> {
  await page.goto(`/lab/tree/${name}?reset`);
  await page.waitForFunction(() => 'jupyterapp' in window);
  await page.locator('.jp-Notebook').waitFor();
  // A cell that is run before the kernel is known makes JupyterLab ask which one to take.
  await page.evaluate(async () => {
    interface Panel {
      sessionContext: { ready: Promise<void>; session: { kernel: { info: Promise<unknown> } | null } | null };
    }
    const app = (window as unknown as { jupyterapp: LabApp & { shell: { currentWidget: Panel } } }).jupyterapp;
    await app.restored;
    const context = app.shell.currentWidget.sessionContext;
    await context.ready;
    await context.session?.kernel?.info;
  });
}

export async function command(page: Page, id: string, args?: unknown): Promise<void> {
  await page.evaluate(
    async ([id, args]) => {
      const app = (window as unknown as { jupyterapp: LabApp }).jupyterapp;
      await app.commands.execute(id as string, args);
    },
    [id, args] as const
  );
}

export async function runAll(page: Page): Promise<void> {
  await command(page, 'notebook:run-all-cells');
}

/** Run Python in the kernel of the open notebook without a cell, so that nothing moves on the page; gives what it prints. */
export async function askKernel(page: Page, code: string): Promise<string> {
  return page.evaluate(async code => {
    interface Message {
      header: { msg_type: string };
      content: { text?: string; ename?: string; evalue?: string };
    }
    interface Kernel {
      requestExecute(content: object): { onIOPub: (message: Message) => void; done: Promise<unknown> };
    }
    const app = (
      window as unknown as { jupyterapp: { shell: { currentWidget: { sessionContext: { session: { kernel: Kernel } } } } } }
    ).jupyterapp;
    const future = app.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code, store_history: false });
    let text = '';
    let error = '';
    future.onIOPub = ({ header, content }) => {
      text += header.msg_type === 'stream' ? (content.text ?? '') : '';
      error = header.msg_type === 'error' ? `${content.ename}: ${content.evalue}` : error;
    };
    await future.done;
    if (error) {
      throw new Error(`${error}, from ${code}`);
    }
    return text;
  }, code);
}

/** The value of an expression in the kernel. What comes there by an event may come a moment later: poll for that. */
export async function python<T>(page: Page, expression: string): Promise<T> {
  return JSON.parse(await askKernel(page, `import json; print(json.dumps(${expression}))`)) as T;
}
