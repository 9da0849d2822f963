import { describe, expect, it } from 'vitest';
import { createJoiner, type Joiner } from '../../../src/lib/read/multiline.ts';

const events = (text: string, joiner: Joiner = createJoiner('auto')): string[] => {
  const out: string[] = [];
  for (const line of text.split('\n')) {
    if (joiner.continues(Buffer.from(line))) out[out.length - 1] += `\n${line}`;
    else out.push(line);
  }
  return out;
};

/** Traces as their languages print them; each is one event between two lines that are none of it. */
const TRACES: Record<string, string> = {
  'Java under a log line': `2024-01-02 03:04:05,123 ERROR [main] o.a.App - failed
java.lang.IllegalStateException: no order
\tat com.shop.Orders.find(Orders.java:42)
\tat com.shop.Orders.main(Orders.java:7)
Caused by: java.io.IOException: closed
\tat com.shop.Db.read(Db.java:9)
\t... 2 more
\tSuppressed: java.lang.RuntimeException: x
\t\tat com.shop.Db.close(Db.java:19)`,
  'Java uncaught': `Exception in thread "main" java.lang.NullPointerException
\tat Main.main(Main.java:3)`,
  'Python under a log line': `2024-01-02 03:04:05,123 - app - ERROR - failed
Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    run()
  File "/app/main.py", line 2, in run
    raise KeyError("x")
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 5, in <module>
    raise app.errors.Bad("y") from None
app.errors.Bad: y`,
  'Python alone': `Traceback (most recent call last):
  File "x.py", line 1, in <module>
    1/0
    ~^~
ZeroDivisionError: division by zero`,
  'Node under a log line': `[12:00:01] ERROR request failed
TypeError: Cannot read properties of undefined (reading 'id')
    at handler (/srv/app.js:10:5)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  code: 'E_X',
  [cause]: Error: inner
      at inner (/srv/app.js:1:1)
}

Node.js v20.1.0`,
  'Node alone': `Error: boom
    at Object.<anonymous> (/srv/a.js:1:7)
    at Module._compile (node:internal/modules/cjs/loader:1256:14)`,
  'Go panic': `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f6d5]

goroutine 1 [running]:
main.(*Server).Serve(0x0, {0xc0000b2000, 0x5})
\t/src/main.go:12 +0x1d
main.main()
\t/src/main.go:7 +0x20
created by main.start in goroutine 1
\t/src/main.go:20 +0x9
exit status 2`,
  'Go under a log line': `2024/01/02 03:04:05 http: panic serving 10.0.0.1:1: boom
goroutine 5 [running]:
net/http.(*conn).serve.func1()
\t/usr/local/go/src/net/http/server.go:1850 +0xbf`,
  '.NET': `Unhandled exception. System.InvalidOperationException: outer
 ---> System.IO.IOException: inner
   at Shop.Db.Read() in /src/Db.cs:line 9
   --- End of inner exception stack trace ---
   at Shop.Program.Main() in /src/Program.cs:line 3
--- End of stack trace from previous location ---
   at Shop.Program.Run()`,
  '.NET under a log line': `2024-01-02 03:04:05.123 +00:00 [ERR] failed
System.InvalidOperationException: outer
   at Shop.Program.Main() in /src/Program.cs:line 3`,
};

describe('createJoiner', () => {
  describe('auto', () => {
    it.each(Object.entries(TRACES))('joins a trace of %s, and nothing around it', (_, trace) => {
      for (const [before, after] of [
        ['2024-01-02 03:04:04 INFO before', '2024-01-02 03:04:06 INFO after'],
        ['{"msg":"before"}', '{"msg":"after"}'],
        ['Jan  2 03:04:04 host app[1]: before', 'Jan  2 03:04:06 host app[1]: after'],
      ] as const) {
        // A trace alone would, under a log line, be that line's.
        const first = /^(?:Traceback|Error:|panic)/.test(trace) ? '{"msg":"before"}' : before;
        expect(events(`${first}\n${trace}\n${after}`)).toEqual([first, trace, after]);
        expect(events(`${first}\r\n${trace.replaceAll('\n', '\r\n')}\r\n${after}`)).toHaveLength(3);
      }
    });

    it('leaves lines alone that are no trace', () => {
      const lines = [
        'INFO a',
        'b',
        '  indented',
        '',
        'Error rate: 5',
        'At noon',
        '{"a":1}',
        'goroutines: 7',
        'x=1 y=2',
        '2024-01-02 x',
        'main()',
      ];
      expect(events(lines.join('\n'))).toEqual(lines);
    });

    it('takes nothing that begins with a digit for an exception: no class does', () => {
      const lines = ['2024-01-02 ERROR a', '3foo.BarException: x', '10.0.0.1 - - "GET /Error: x"'];
      expect(events(lines.join('\n'))).toEqual(lines);
    });

    it('never joins the first line', () => {
      for (const trace of ['\tat a.B.c(D.java:1)', '    at x (y.js:1:1)', '', 'Caused by: x']) {
        expect(createJoiner('auto').continues(Buffer.from(trace))).toBe(false);
      }
    });

    it('keeps two traces apart', () => {
      const one = 'java.lang.RuntimeException: a\n\tat a.B.c(D.java:1)';
      expect(events(`${one}\n${one}`)).toEqual([one, one]);
      expect(events('2024-01-02 ERROR a\n\tat x\n2024-01-02 ERROR b\n\tat y')).toHaveLength(2);
    });

    it('costs linear time on hostile lines', () => {
      const joiner = createJoiner('auto');
      const start = performance.now();
      for (const seed of ['a.', '\t', ' ', 'A', '(', 'x(']) joiner.continues(Buffer.from(seed.repeat(500_000)));
      expect(performance.now() - start).toBeLessThan(500);
    });
  });

  it('none joins nothing', () => {
    expect(events(TRACES['Java uncaught'] ?? '', createJoiner('none'))).toHaveLength(2);
  });

  it('joins to each line that the expression finds what follows', () => {
    expect(events('head\nBEGIN 1\na\n\nBEGIN 2\nb', createJoiner(/^BEGIN/))).toEqual([
      'head',
      'BEGIN 1\na\n',
      'BEGIN 2\nb',
    ]);
  });
});
