/** The document of both services, as `curl` would show it. */
export function documentOf(urls: readonly string[]): Promise<string>;
