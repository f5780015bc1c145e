/** A load test as JMeter writes it down: so many requests a second, for so many seconds. */
export interface MadeLoad {
  readonly startedAt: number;
  readonly seconds: number;
  /** In each second. */
  readonly rate: number | ((second: number) => number);
  /** In milliseconds, of the request of that number. */
  readonly latency?: (request: number) => number;
  readonly fails?: (request: number) => boolean;
}

const HEADER =
  'timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes';

export function jtl({
  startedAt,
  seconds,
  rate,
  latency = () => 100,
  fails = () => false,
}: MadeLoad): string {
  const lines = [HEADER];
  let request = 0;
  for (let second = 0; second < seconds; second += 1) {
    const count = typeof rate === 'number' ? rate : rate(second);
    for (let index = 0; index < count; index += 1, request += 1) {
      const at = Math.round(startedAt + second * 1_000 + (index * 1_000) / count);
      const [code, words] = fails(request) ? ['503', 'Service Unavailable'] : ['200', 'OK'];
      lines.push(
        `${at},${latency(request)},book,${code},${words},users 1-${index % 9},text,${code === '200'},,120`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
