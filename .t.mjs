// src/lib/errors.ts
var ERROR_CODES = {
  USAGE: { exit: 2, canRetry: false },
  QUERY_SYNTAX: { exit: 2, canRetry: false },
  QUERY_UNSUPPORTED: { exit: 2, canRetry: false },
  TIME_SYNTAX: { exit: 2, canRetry: false },
  NOT_FOUND: { exit: 2, canRetry: false },
  NOT_READABLE: { exit: 2, canRetry: false },
  NOT_WRITABLE: { exit: 2, canRetry: false },
  NO_SPACE: { exit: 2, canRetry: true },
  SYNC_FAILED: { exit: 2, canRetry: false },
  TOO_MANY_FILES: { exit: 2, canRetry: true },
  STORE_VERSION: { exit: 2, canRetry: false },
  STORE_DAMAGED: { exit: 2, canRetry: false },
  STORE_BUSY: { exit: 2, canRetry: true },
  STORE_UNSUITABLE: { exit: 2, canRetry: false },
  SOURCE_CLAIMED: { exit: 2, canRetry: true },
  INPUT_DAMAGED: { exit: 2, canRetry: false },
  CONFIG: { exit: 2, canRetry: false },
  UNREACHABLE: { exit: 2, canRetry: true },
  REMOTE_DENIED: { exit: 2, canRetry: false },
  REMOTE_TLS: { exit: 2, canRetry: false },
  REMOTE_UNSUITABLE: { exit: 2, canRetry: false },
  REMOTE_BUSY: { exit: 2, canRetry: true },
  REMOTE_FAILED: { exit: 2, canRetry: true },
  TOO_LARGE: { exit: 2, canRetry: false },
  UNDELIVERED: { exit: 2, canRetry: true },
  PARTIAL: { exit: 2, canRetry: false },
  INTERRUPTED: { exit: 130, canRetry: true },
  INTERNAL: { exit: 2, canRetry: false }
};
var LogsError = class extends Error {
  code;
  /** What to do next, one sentence. */
  hint;
  at;
  /** Milliseconds that the other side asks to be left alone for (`Retry-After` of HTTP, throttling of Kafka). */
  retryAfterMs;
  constructor(code, message, options = {}) {
    super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
    this.name = "LogsError";
    this.code = code;
    this.hint = options.hint;
    this.at = options.at;
    this.retryAfterMs = options.retryAfterMs;
  }
  get exit() {
    return ERROR_CODES[this.code].exit;
  }
  get canRetry() {
    return ERROR_CODES[this.code].canRetry;
  }
};
var REASONS = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file may not grow",
  EMFILE: "too many files are open",
  ENFILE: "the machine has too many open files",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  ENXIO: "it is a socket",
  EIO: "the device reports an error"
};
function systemReason(error) {
  if (!(error instanceof Error)) return String(error);
  const known = "code" in error ? REASONS[String(error.code)] : void 0;
  return known ?? error.message.replace(/^E[A-Z0-9]+: (.*?)(?:, \w+(?: '.*)?)?$/s, "$1");
}

// src/lib/send/mint-ids.ts
import { randomBytes } from "node:crypto";

// src/lib/record/log-id.ts
var ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
var DIGITS = new Map([...ALPHABET].map((character, value) => [character, BigInt(value)]));
function encode(value, length) {
  let text = "";
  let rest = value;
  for (let at = 0; at < length; at += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
function formatLogId(receivedMs, writerHex, seq, line) {
  const writer = Number.parseInt(writerHex, 16);
  const first = Math.floor(receivedMs / 8);
  const second = receivedMs % 8 * 2 ** 47 + Math.floor(writer / 2);
  const third = writer % 2 * 2 ** 39 + Math.floor(seq / 2);
  const fourth = seq % 2 * 2 ** 24 + line;
  return encode(first, 9) + encode(second, 10) + encode(third, 8) + encode(fourth, 5);
}
function parseLogId(id) {
  if (id.length !== 32) return void 0;
  let value = 0n;
  for (const character of id.toUpperCase()) {
    const digit = DIGITS.get(character);
    if (digit === void 0) return void 0;
    value = value * 32n + digit;
  }
  return {
    receivedMs: Number(value >> 112n),
    writer: (value >> 64n & 0xffffffffffffn).toString(16).padStart(12, "0"),
    seq: Number(value >> 24n & 0xffffffffffn),
    line: Number(value & 0xffffffn)
  };
}

// src/lib/send/mint-ids.ts
function createMint() {
  const writer = randomBytes(6).toString("hex");
  let seq = 0;
  return (batch) => {
    if (batch.ids !== void 0) return batch;
    seq += 1;
    const at = Date.now();
    return { ...batch, ids: Array.from({ length: batch.events }, (_, line) => formatLogId(at, writer, seq, line)) };
  };
}

// src/lib/record/events.ts
var LF = 10;
function eachEvent(payload, join, visit) {
  let start = 0;
  let line = 0;
  let event = 0;
  while (start < payload.length) {
    const count2 = join?.[event] ?? 1;
    event += 1;
    let end = start - 1;
    let taken = 0;
    do {
      const at = payload.indexOf(LF, end + 1);
      end = at === -1 ? payload.length : at;
      taken += 1;
    } while (taken < count2 && end + 1 < payload.length);
    if (end - start > taken - 1 || !onlyLineFeeds(payload, start, end)) visit(start, end, line);
    line += taken;
    start = end + 1;
  }
}
function onlyLineFeeds(payload, start, end) {
  for (let at = start; at < end; at += 1) if (payload[at] !== LF) return false;
  return true;
}

// src/lib/parse/parse-event.ts
import { isUtf8 } from "node:buffer";

// src/lib/record/aliases.ts
var ROLES = ["time", "level", "service", "message", "host", "trace_id", "span_id"];
var ROLE_NAMES = {
  time: "@timestamp",
  level: "level",
  service: "service",
  message: "message",
  host: "host",
  trace_id: "trace_id",
  span_id: "span_id"
};
var ALIASES = {
  time: [
    "@timestamp",
    // Elastic Common Schema, Logstash
    "timestamp",
    "ts",
    // zap, Loki, bunyan ports
    "time",
    // slog, pino, bunyan, Docker
    "_time",
    // VictoriaLogs, Splunk
    "datetime",
    // Monolog
    "timeUnixNano",
    // OTLP
    "time_unix_nano",
    "eventTime",
    // AWS CloudTrail
    "event_time",
    "time_iso8601",
    // nginx
    "time_local",
    "timeMillis",
    // log4j 2
    "@t",
    // Serilog's compact format
    "asctime",
    // Python
    "log_time",
    "logtime",
    "syslog_timestamp",
    "__REALTIME_TIMESTAMP",
    // journald
    "event.created",
    "observedTimeUnixNano",
    "date"
    // Fluent Bit
  ],
  level: [
    "level",
    // pino, zap, slog, bunyan
    "severity",
    // Google Cloud, syslog
    "lvl",
    "log.level",
    // Elastic Common Schema
    "severityText",
    // OTLP
    "severity_text",
    "levelname",
    // Python
    "level_name",
    // Monolog
    "loglevel",
    "log_level",
    "logLevel",
    "@l",
    // Serilog
    "severityNumber",
    // OTLP
    "severity_number",
    "levelno",
    // Python
    "syslog_severity",
    "syslog.severity",
    "priority",
    // journald
    "pri"
  ],
  service: [
    "service",
    "service.name",
    // Elastic Common Schema, OpenTelemetry
    "service_name",
    "serviceName",
    "app",
    "application",
    "app_name",
    "appName",
    "appname",
    "syslog_identifier",
    // journald
    "source"
  ],
  message: [
    "message",
    "msg",
    // pino, zap, slog
    "body",
    // OTLP
    "log",
    // Docker, Fluent Bit
    "text",
    "@m",
    // Serilog
    "@mt",
    "short_message",
    // GELF
    "textPayload",
    // Google Cloud
    "fields.message"
    // Rust's tracing
  ],
  host: ["host", "host.name", "hostname", "host_name", "hostName", "_HOSTNAME", "syslog_hostname", "machineName"],
  trace_id: [
    "trace_id",
    "traceId",
    "traceID",
    "trace.id",
    "traceid",
    "otelTraceID",
    "dd.trace_id",
    "@tr",
    "logging.googleapis.com/trace",
    "X-B3-TraceId"
  ],
  span_id: [
    "span_id",
    "spanId",
    "spanID",
    "span.id",
    "spanid",
    "otelSpanID",
    "dd.span_id",
    "@sp",
    "logging.googleapis.com/spanId",
    "X-B3-SpanId"
  ]
};
var FIELD_ALIASES = /* @__PURE__ */ new Map([["pod_id", "pod"]]);
var RESERVED = /* @__PURE__ */ new Set([...Object.values(ROLE_NAMES), "tenant", "log_id", "received_at"]);
var BY_NAME = /* @__PURE__ */ new Map();
var NESTED = /* @__PURE__ */ new Map();
for (const role of ROLES) {
  ALIASES[role].forEach((name, rank) => {
    const alias = { role, rank };
    for (const spelling of [name, name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1)]) {
      if (!BY_NAME.has(spelling)) BY_NAME.set(spelling, alias);
    }
    const dot = name.indexOf(".");
    if (dot < 0 || name.includes("/")) return;
    const parent = name.slice(0, dot);
    const children = NESTED.get(parent) ?? /* @__PURE__ */ new Map();
    NESTED.set(parent, children.set(name.slice(dot + 1), alias));
  });
}
function aliasOf(name) {
  return BY_NAME.get(name);
}
function nestedAliases(key) {
  return NESTED.get(key);
}

// src/lib/record/level.ts
var LEVELS = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21, UNKNOWN: 0 };
var LEVEL_NAMES = {
  TRACE: ["trace", "trc", "finest", "finer", "verbose", "vrb", "silly", "t", "v"],
  DEBUG: ["debug", "dbg", "debu", "fine", "config", "d"],
  INFO: ["info", "inf", "information", "informational", "notice", "note", "default", "log", "i", "n"],
  WARN: ["warn", "warning", "wrn", "w"],
  ERROR: ["error", "err", "erro", "eror", "severe", "failure", "e"],
  FATAL: ["fatal", "ftl", "critical", "crit", "alert", "emerg", "emergency", "panic", "dpanic", "f", "c", "a"]
};
var BY_NAME2 = /* @__PURE__ */ new Map();
for (const [level, names] of Object.entries(LEVEL_NAMES)) {
  for (const name of names) {
    for (const spelling of [name, name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1)]) {
      BY_NAME2.set(spelling, level);
    }
  }
}
BY_NAME2.set("unknown", "UNKNOWN").set("UNKNOWN", "UNKNOWN");
var PLAIN = new Set(
  "trace trc t debug debu dbg d info information inf i warn warning wrn w error erro err e fatal ftl f unknown".split(
    " "
  )
);
var SYSLOG_KEYS = /* @__PURE__ */ new Set(["severity", "pri", "priority", "syslog_severity", "syslog.severity"]);
var OTEL_KEYS = /* @__PURE__ */ new Set(["severity_number", "severitynumber"]);
var SYSLOG = ["FATAL", "FATAL", "FATAL", "ERROR", "WARN", "INFO", "INFO", "DEBUG"];
var PINO = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
function parseLevel(value, key = "level") {
  if (typeof value === "number") return levelOfNumber(value, key);
  const known = BY_NAME2.get(value);
  if (known !== void 0) return known;
  const text = value.trim().toLowerCase();
  if (/^\d{1,3}$/.test(text)) return levelOfNumber(Number(text), key);
  const bare = text.replace(/^[[(<]\s*|\s*[\])>:]$/g, "");
  return BY_NAME2.get(bare) ?? BY_NAME2.get(bare.replace(/(?<=^(?:trace|debug|info|warn|error|fatal))[1-4]$/, "")) ?? "UNKNOWN";
}
function losesText(value, level, key) {
  if (level === "UNKNOWN") return true;
  if (typeof value === "string" && !/^\d+$/.test(value)) return !PLAIN.has(value.toLowerCase());
  const n = Number(value);
  const name = key.toLowerCase();
  if (OTEL_KEYS.has(name)) return n !== LEVELS[level];
  if (SYSLOG_KEYS.has(name)) return n > 7 || n === 0 || n === 1 || n === 5;
  return n % 10 !== 0;
}
function levelOfNumber(n, key) {
  if (!Number.isInteger(n) || n < 0) return "UNKNOWN";
  const name = key.toLowerCase();
  if (OTEL_KEYS.has(name)) return n >= 1 && n <= 24 ? PINO[n - 1 >> 2] ?? "UNKNOWN" : "UNKNOWN";
  if (SYSLOG_KEYS.has(name)) return n <= 191 ? SYSLOG[n & 7] ?? "UNKNOWN" : "UNKNOWN";
  if (name === "levelno") return PINO[Math.floor(n / 10)] ?? "UNKNOWN";
  return n >= 10 && n < 70 ? PINO[Math.floor(n / 10) - 1] ?? "UNKNOWN" : "UNKNOWN";
}

// src/lib/parse/draft.ts
function newDraft(format) {
  return {
    format,
    claims: { time: [], level: [], service: [], message: [], host: [], trace_id: [], span_id: [] },
    fields: {}
  };
}
function isFailure(result) {
  return "error" in result;
}
function claim(draft, role, value, key = role) {
  if (value !== void 0) draft.claims[role].push({ key, value, rank: -1 });
}
function addClaim(claims, added) {
  let at = claims.length;
  while (at > 0 && claims[at - 1].rank > added.rank) at--;
  claims.splice(at, 0, added);
}
function setField(fields, key, value) {
  define(fields, RESERVED.has(key) ? `_${key}` : key, value);
}
function define(fields, name, value) {
  if (name === "__proto__") {
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  } else fields[name] = value;
}

// src/lib/parse/access.ts
var LINE = /^(\S+) (\S+) (.{1,256}?) \[([^\]]{1,64})\] "((?:[^"\\]|\\.)*)" (\d{3}|-) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?(?: (.*))?$/s;
var REQUEST = /^([A-Za-z-]{1,32}) (\S+)(?: ([A-Z]{1,10}\/\d(?:\.\d)?))?$/;
var START = /^\S+ \S+ .{1,256}? \[\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:[^\]]{1,40}\] "/;
var parseAccess = (text) => {
  const found = LINE.exec(text);
  if (found === null) return { error: 'access log: expected HOST IDENT USER [TIME] "REQUEST" STATUS BYTES', column: 1 };
  const draft = newDraft("access");
  const [, client, ident, user, time, request = "", status, bytes, referrer, agent, extra] = found;
  const fields = draft.fields;
  claim(draft, "message", text);
  claim(draft, "time", time, "time_local");
  claim(draft, "level", levelOf(status));
  const set = (key, value) => {
    if (value !== void 0 && value !== "-" && value !== "") fields[key] = unescape(value);
  };
  set("client_ip", client);
  set("ident", ident);
  set("user", user);
  const parts = REQUEST.exec(request);
  if (parts === null) set("request", request);
  else {
    set("method", parts[1]);
    set("path", parts[2]);
    set("protocol", parts[3]);
  }
  if (status !== void 0 && status !== "-") fields["status"] = Number(status);
  if (bytes !== void 0 && bytes !== "-" && bytes.length <= 15) fields["bytes"] = Number(bytes);
  set("referrer", referrer);
  set("user_agent", agent);
  set("extra", extra);
  return draft;
};
function looksLikeAccess(text) {
  return text.includes('] "') && START.test(text);
}
function levelOf(status) {
  if (status?.startsWith("5")) return "ERROR";
  return status?.startsWith("4") ? "WARN" : "INFO";
}
function unescape(text) {
  return text.includes("\\") ? text.replace(/\\(["\\])/g, "$1") : text;
}

// src/lib/record/record.ts
var RawNumber = class {
  text;
  constructor(text) {
    this.text = text;
  }
};

// src/lib/parse/json-reader.ts
var MAX_DEPTH = 128;
var JsonError = class extends Error {
  offset;
  constructor(message, offset) {
    super(message);
    this.offset = offset;
  }
};
var LOSSY = /(?:"\s*:|[,[]|^)\s*(?:-?(?:\d{16,}|\d+(?:\.\d+)?[eE][+-]?\d+|\d+\.\d*0|\d[\d.]{16,}|0\.000000\d*)|-0)(?=[\s,}\]]|$)/;
var SPACED_COLON = /"[ \t\r\n]+:/;
var LONE_SURROGATE = /\p{Surrogate}/gu;
function readJson(text) {
  const value = readFast(text);
  return value === void 0 ? new Reader(text).read() : { value, duplicateKeys: false };
}
function readFast(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return void 0;
  }
  const tally = { keys: 0, numbers: typeof value === "number" };
  if (!count(value, 0, tally)) return void 0;
  if (tally.keys !== countColons(text) || SPACED_COLON.test(text)) return void 0;
  if (tally.numbers && LOSSY.test(text)) return void 0;
  return text.includes("\\ud") || text.includes("\\uD") ? void 0 : value;
}
function count(value, depth, tally) {
  if (typeof value !== "object" || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  const keys = Array.isArray(value) ? void 0 : Object.keys(value);
  const length = keys === void 0 ? value.length : keys.length;
  if (keys !== void 0) tally.keys += length;
  for (let i = 0; i < length; i++) {
    const child = keys === void 0 ? value[i] : value[keys[i]];
    if (typeof child === "number") tally.numbers = true;
    else if (typeof child === "object" && child !== null && !count(child, depth + 1, tally)) return false;
  }
  return true;
}
function countColons(text) {
  let count2 = 0;
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) {
    if (text.charCodeAt(at - 1) !== 92) count2++;
  }
  return count2;
}
var ESCAPES = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "	"
};
var NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
var PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
var HEX = /[0-9a-fA-F]{4}/y;
var Reader = class {
  #text;
  #at = 0;
  #depth = 0;
  #duplicateKeys = false;
  constructor(text) {
    this.#text = text;
  }
  read() {
    this.#blank();
    const value = this.#value();
    this.#blank();
    if (this.#at < this.#text.length) this.#fail("text after the end of the JSON value");
    return { value, duplicateKeys: this.#duplicateKeys };
  }
  #fail(message) {
    throw new JsonError(message, this.#at);
  }
  #unexpected(expected) {
    const code = this.#text.codePointAt(this.#at);
    this.#fail(
      `expected ${expected}, found ${code === void 0 ? "the end" : JSON.stringify(String.fromCodePoint(code))}`
    );
  }
  #blank() {
    for (; ; ) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return;
      this.#at++;
    }
  }
  #value() {
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }
  #nested(read) {
    if (this.#depth >= MAX_DEPTH) this.#fail("depth");
    this.#depth++;
    this.#at++;
    this.#blank();
    const value = read();
    this.#depth--;
    this.#at++;
    return value;
  }
  #object() {
    const out = {};
    if (this.#text[this.#at] === "}") return out;
    for (; ; ) {
      if (this.#text[this.#at] !== '"') this.#unexpected("a key in double quotes");
      const key = this.#string();
      this.#blank();
      if (this.#text[this.#at] !== ":") this.#unexpected('":"');
      this.#at++;
      this.#blank();
      const value = this.#value();
      if (Object.hasOwn(out, key)) this.#duplicateKeys = true;
      Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
      this.#blank();
      const next = this.#text[this.#at];
      if (next === "}") return out;
      if (next !== ",") this.#unexpected('"," or "}"');
      this.#at++;
      this.#blank();
    }
  }
  #array() {
    const out = [];
    if (this.#text[this.#at] === "]") return out;
    for (; ; ) {
      out.push(this.#value());
      this.#blank();
      const next = this.#text[this.#at];
      if (next === "]") return out;
      if (next !== ",") this.#unexpected('"," or "]"');
      this.#at++;
      this.#blank();
    }
  }
  #string() {
    let out = "";
    this.#at++;
    for (; ; ) {
      PLAIN_TEXT.lastIndex = this.#at;
      out += PLAIN_TEXT.exec(this.#text)?.[0] ?? "";
      this.#at = PLAIN_TEXT.lastIndex;
      const c = this.#text[this.#at];
      if (c === void 0) this.#fail("the string does not end");
      if (c === '"') {
        this.#at++;
        return out.replace(LONE_SURROGATE, "\uFFFD");
      }
      if (c !== "\\") this.#fail("control character in a string");
      const escape = this.#text[this.#at + 1] ?? "";
      if (escape === "u") {
        HEX.lastIndex = this.#at + 2;
        const hex = HEX.exec(this.#text)?.[0];
        if (hex === void 0) this.#fail("\\u without four hexadecimal digits");
        out += String.fromCharCode(Number.parseInt(hex, 16));
        this.#at += 6;
      } else {
        const plain2 = Object.hasOwn(ESCAPES, escape) ? ESCAPES[escape] : void 0;
        if (plain2 === void 0) this.#fail("unknown escape in a string");
        out += plain2;
        this.#at += 2;
      }
    }
  }
  #number() {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === void 0) this.#unexpected("a JSON value");
    this.#at = NUMBER.lastIndex;
    const number = Number(text);
    return String(number) === text ? number : new RawNumber(text);
  }
  #word(word, value) {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected("a JSON value");
    this.#at += word.length;
    return value;
  }
};

// src/lib/parse/json.ts
var MAX_WRAPPINGS = 4;
var parseJson = (text) => {
  try {
    const { value, duplicateKeys } = readJson(text);
    if (!isFields(value)) return { error: "the line is JSON but not an object", column: 1 };
    const draft = draftOf(value, 0);
    if (duplicateKeys) draft.fields["_duplicate_keys"] = true;
    return draft;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.message === "depth" ? { error: "depth" } : { error: error.message, column: error.offset + 1 };
  }
};
function draftOf(object, wrappings) {
  const draft = newDraft("json");
  for (const key of Object.keys(object)) {
    const value = object[key];
    const nested = isFields(value) ? nestedAliases(key) : void 0;
    if (nested !== void 0 && isFields(value)) {
      takeNested(draft, key, value, nested);
      continue;
    }
    const alias = aliasOf(key);
    if (value === null && RESERVED.has(key)) continue;
    if (alias === void 0 || value === null) setField(draft.fields, FIELD_ALIASES.get(key) ?? key, value);
    else addClaim(draft.claims[alias.role], { key, value, rank: alias.rank });
  }
  openMessage(draft, wrappings);
  return draft;
}
function takeNested(draft, key, value, nested) {
  const rest = {};
  for (const child of Object.keys(value)) {
    const inside = value[child];
    const alias = nested.get(child);
    if (alias !== void 0 && inside !== null && typeof inside !== "object") {
      addClaim(draft.claims[alias.role], { key: `${key}.${child}`, value: inside, rank: alias.rank });
    } else if (RESERVED.has(key)) setField(draft.fields, `${key}.${child}`, inside);
    else Object.defineProperty(rest, child, { value: inside, enumerable: true, configurable: true, writable: true });
  }
  if (Object.keys(rest).length > 0) setField(draft.fields, key, rest);
}
function openMessage(draft, wrappings) {
  const [message] = draft.claims.message;
  if (message === void 0 || wrappings >= MAX_WRAPPINGS) return;
  const read = innerObject(message.value);
  if (read === void 0) return;
  const inner = draftOf(read.object, wrappings + 1);
  if (read.duplicateKeys) draft.fields["_duplicate_keys"] = true;
  if (inner.claims.message.length > 0 || typeof message.value !== "string") draft.claims.message.shift();
  mergeInner(draft, inner);
}
function mergeInner(outer, inner, timeOutside = false) {
  if (inner.failure !== void 0) outer.failure = inner.failure;
  for (const role of ROLES) {
    const outside = role === "service" || role === "host" || role === "time" && timeOutside;
    const ours = outer.claims[role];
    let theirs = inner.claims[role];
    if (outside) theirs = theirs.filter((claim2) => !ours.some(({ key }) => key === claim2.key));
    if (theirs.length === 0) continue;
    const both = outside ? [...ours, ...theirs] : [...theirs, ...ours];
    ours.length = 0;
    both.forEach((claim2, rank) => ours.push({ ...claim2, rank }));
  }
  for (const key of Object.keys(inner.fields)) {
    if (!Object.hasOwn(outer.fields, key)) setField(outer.fields, key, inner.fields[key]);
  }
}
function innerObject(value) {
  if (isFields(value)) {
    if (Object.keys(value).length === 1 && typeof value["stringValue"] === "string") {
      return innerObject(value["stringValue"]) ?? { object: { message: value["stringValue"] }, duplicateKeys: false };
    }
    return { object: value, duplicateKeys: false };
  }
  if (typeof value !== "string") return void 0;
  const start = value.charCodeAt(0) <= 32 ? value.trimStart() : value;
  if (start.charCodeAt(0) !== 123) return void 0;
  try {
    const { value: object, duplicateKeys } = readJson(start);
    return isFields(object) ? { object, duplicateKeys } : void 0;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return void 0;
  }
}
function isFields(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof RawNumber);
}

// src/lib/parse/container.ts
var VAGUE = /* @__PURE__ */ new Set(["plain", "klog", "syslog-3164"]);
function mergeContainerLine(outer, inner) {
  if (inner.format === "plain") inner.claims.time.length = 0;
  mergeInner(outer, inner, VAGUE.has(inner.format));
}

// src/lib/parse/cri.ts
var LINE2 = /^(\d{4}-\d\d-\d\dT\S{8,40}) (stdout|stderr) ([FP])(?::\S*)?(?: (.*))?$/s;
var parseCri = (text, context) => {
  const found = LINE2.exec(text);
  if (found === null) return { error: "CRI: expected TIME stdout|stderr F|P TEXT", column: 1 };
  const draft = newDraft("cri");
  const [, time, stream = "", tag, line = ""] = found;
  claim(draft, "time", time, "time");
  draft.fields["stream"] = stream;
  if (tag === "P") draft.fields["partial"] = true;
  mergeContainerLine(draft, context.inner(line));
  return draft;
};
function looksLikeCri(text) {
  return text.charCodeAt(4) === 45 && /^\d{4}-\d\d-\d\dT\S{8,40} (?:stdout|stderr) [FP][ :]/.test(text);
}

// src/lib/parse/docker.ts
var parseDocker = (text, context) => {
  try {
    const { value, duplicateKeys } = readJson(text);
    if (!isFields(value) || typeof value["log"] !== "string")
      return { error: 'Docker: no "log" with a text in it', column: 1 };
    const rest = {};
    for (const key of Object.keys(value)) if (key !== "log") define(rest, key, value[key]);
    const draft = draftOf(rest, 0);
    draft.format = "docker";
    if (duplicateKeys) draft.fields["_duplicate_keys"] = true;
    mergeContainerLine(draft, context.inner(value["log"].replace(/\r?\n$/, "")));
    return draft;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.message === "depth" ? { error: "depth" } : { error: error.message, column: error.offset + 1 };
  }
};
function looksLikeDocker(text) {
  return text.startsWith('{"log":"') && text.includes('"stream":"std') && text.includes('"time":"');
}

// src/lib/parse/formats.ts
var FORMATS = [
  "json",
  "logfmt",
  "syslog",
  "syslog-5424",
  "syslog-3164",
  "access",
  "cri",
  "docker",
  "klog",
  "plain"
];
function isFormat(name) {
  return FORMATS.includes(name);
}

// src/lib/parse/klog.ts
var LINE3 = /^([IWEF])(\d{4} \d\d:\d\d:\d\d\.\d{1,9}) +(\d+) ([^\s\]]{1,256})\] ?(.*)$/s;
var parseKlog = (text) => {
  const found = LINE3.exec(text);
  if (found === null) return { error: "klog: expected Lmmdd hh:mm:ss.uuuuuu THREAD FILE:LINE] TEXT", column: 1 };
  const draft = newDraft("klog");
  const [, level, time, thread = "", caller = "", message] = found;
  claim(draft, "level", { I: "INFO", W: "WARN", E: "ERROR", F: "FATAL" }[level ?? "I"]);
  claim(draft, "time", time, "timestamp");
  claim(draft, "message", message);
  draft.fields["thread"] = thread;
  draft.fields["caller"] = caller;
  return draft;
};
function looksLikeKlog(text) {
  return /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ /.test(text);
}

// src/lib/parse/logfmt.ts
var KEY = /[^\s="\u0000-\u0020]+/y;
var BARE = /[^\s"]*/y;
var QUOTED = /"((?:[^"\\]|\\.)*)"/y;
var ESCAPES2 = { n: "\n", r: "\r", t: "	", b: "\b", f: "\f" };
var parseLogfmt = (text) => {
  const fields = {};
  let pairs = 0;
  let duplicateKeys = false;
  let at = skipBlank(text, 0);
  while (at < text.length) {
    KEY.lastIndex = at;
    const key = KEY.exec(text)?.[0];
    if (key === void 0) return { error: "logfmt: expected a key", column: at + 1 };
    if (Object.hasOwn(fields, key)) duplicateKeys = true;
    at += key.length;
    if (text[at] === "=") {
      const value = readValue(text, at + 1);
      if ("error" in value) return value;
      define(fields, key, value.text);
      at = value.end;
      pairs++;
    } else define(fields, key, true);
    const next = skipBlank(text, at);
    if (next === at && at < text.length) return { error: "logfmt: expected a blank", column: at + 1 };
    at = next;
  }
  if (pairs === 0) return { error: "logfmt: no key=value pair", column: 1 };
  const draft = draftOf(fields, 0);
  draft.format = "logfmt";
  if (duplicateKeys) draft.fields["_duplicate_keys"] = true;
  return draft;
};
function readValue(text, at) {
  if (text[at] === '"') {
    QUOTED.lastIndex = at;
    const found = QUOTED.exec(text);
    if (found === null) return { error: "logfmt: the quote does not end", column: at + 1 };
    return { text: unescape2(found[1] ?? ""), end: QUOTED.lastIndex };
  }
  BARE.lastIndex = at;
  const value = BARE.exec(text)?.[0] ?? "";
  return { text: value, end: at + value.length };
}
function unescape2(text) {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/gs,
    (_, hex, c) => hex === void 0 ? ESCAPES2[c] ?? c : String.fromCharCode(Number.parseInt(hex, 16))
  ).replace(/\p{Surrogate}/gu, "\uFFFD");
}
function skipBlank(text, at) {
  let i = at;
  while (i < text.length && text.charCodeAt(i) <= 32) i++;
  return i;
}

// src/lib/record/calendar.ts
var DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
var DAYS_IN = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
var MONTHS = [
  "jan",
  "feb",
  "mar",
  "apr",
  "may",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec"
];
function isLeap(year) {
  return year % 4 === 0 && year % 100 !== 0 || year % 400 === 0;
}
function daysInMonth(year, month) {
  return month === 2 && isLeap(year) ? 29 : DAYS_IN[month - 1] ?? 0;
}
function daysFromCivil(year, month, day) {
  const y = year - 1;
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  const inYear = (DAYS_BEFORE[month - 1] ?? 0) + (month > 2 && isLeap(year) ? 1 : 0) + day - 1;
  return y * 365 + leaps + inYear - 719162;
}
function civilFromDays(days) {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 };
}
function civilSeconds(c) {
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > daysInMonth(c.year, c.month)) return void 0;
  if (c.minute > 59 || c.second > 60 || c.second === 60 && c.minute !== 59) return void 0;
  if (c.hour > 23 && !(c.hour === 24 && c.minute === 0 && c.second === 0)) return void 0;
  return daysFromCivil(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
}

// src/lib/record/zone.ts
var FORMATS2 = /* @__PURE__ */ new Map();
var OFFSETS = /* @__PURE__ */ new Map();
var BUCKET = 900;
var MAX_CACHED = 1e5;
var FIXED = /^(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?$/;
function fixedOffset(zone) {
  if (zone === "Z" || zone === "z" || zone === "UTC" || zone === "GMT") return 0;
  const found = FIXED.exec(zone);
  if (found === null) return void 0;
  const hours = Number(found[2]);
  const minutes = Number(found[3] ?? 0);
  if (hours > 23 || minutes > 59) return void 0;
  return (found[1] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60);
}
function zoneOffset(zone, seconds) {
  const fixed = fixedOffset(zone);
  if (fixed !== void 0) return fixed;
  const bucket = Math.floor(seconds / BUCKET);
  const key = `${zone} ${bucket}`;
  const cached = OFFSETS.get(key);
  if (cached !== void 0) return cached;
  const offset = computeOffset(zone, bucket * BUCKET);
  if (OFFSETS.size >= MAX_CACHED) OFFSETS.clear();
  OFFSETS.set(key, offset);
  return offset;
}
function fromWallClock(zone, wall) {
  const fixed = fixedOffset(zone);
  if (fixed !== void 0) return wall - fixed;
  const before = zoneOffset(zone, wall - 86400);
  const after = zoneOffset(zone, wall + 86400);
  if (zoneOffset(zone, wall - before) === before) return wall - before;
  return zoneOffset(zone, wall - after) === after ? wall - after : wall - before;
}
function formatOf(zone) {
  const known = FORMATS2.get(zone);
  if (known !== void 0) return known;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric"
    });
    FORMATS2.set(zone, format);
    return format;
  } catch {
    return void 0;
  }
}
function computeOffset(zone, seconds) {
  const format = formatOf(zone);
  if (format === void 0 || Math.abs(seconds) > 8e12) return 0;
  const parts = {};
  for (const part of format.formatToParts(seconds * 1e3)) parts[part.type] = Number(part.value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1e3 - seconds;
}

// src/lib/record/time-parts.ts
var NAMED = /* @__PURE__ */ new Map([
  ["UTC", 0],
  ["GMT", 0],
  ["UT", 0],
  ["EST", -5],
  ["EDT", -4],
  ["CST", -6],
  ["CDT", -5],
  ["MST", -7],
  ["MDT", -6],
  ["PST", -8],
  ["PDT", -7],
  ["WET", 0],
  ["WEST", 1],
  ["CET", 1],
  ["CEST", 2],
  ["EET", 2],
  ["EEST", 3],
  ["MSK", 3],
  ["JST", 9],
  ["KST", 9],
  ["AEST", 10],
  ["AEDT", 11],
  ["NZST", 12],
  ["NZDT", 13]
]);
var OFFSET = /(?: ?([+-]\d\d:?\d\d)(?!\d)|([+-]\d\d)(?![\d:]))/y;
var NAME = / ?([A-Z]{2,4})(?![\w+:-])/y;
var NOTE = /\[[A-Z]\w+\/[\w+/-]+\]| \(?[A-Z]{3,4}\)?(?: m=[+-][\d.]+)?(?=\s|$)/y;
function readZone(text, at) {
  const code = text.charCodeAt(at);
  if (code === 90 || code === 122) return { offset: 0, end: at + 1 };
  if (Number.isNaN(code)) return void 0;
  OFFSET.lastIndex = at;
  const found = OFFSET.exec(text);
  if (found === null) {
    NAME.lastIndex = at;
    const named = namedOffset(NAME.exec(text)?.[1] ?? "");
    return named === void 0 ? void 0 : { offset: named, end: NAME.lastIndex };
  }
  const offset = fixedOffset(found[1] ?? found[2] ?? "");
  if (offset === void 0) return void 0;
  const end = OFFSET.lastIndex;
  NOTE.lastIndex = end;
  const note = NOTE.exec(text)?.[0] ?? "";
  const taken = note.startsWith("[") || found[0].startsWith(" ") && !LEVEL_LIKE.has(note.replace(/\W/g, ""));
  return { offset, end: taken ? end + note.length : end };
}
var LEVEL_LIKE = /* @__PURE__ */ new Set(["INFO", "WARN", "ERR", "CRIT", "DBG", "INF", "WRN", "TRC", "FTL", "NOTE", "LOG"]);
function namedOffset(name) {
  const hours = NAMED.get(name);
  return hours === void 0 ? void 0 : hours * 3600;
}
function formatSeconds(seconds, fraction, offset) {
  const wall = seconds + offset;
  const days = Math.floor(wall / 86400);
  const { year, month, day } = civilFromDays(days);
  const rest = wall - days * 86400;
  const date = `${two(year, 4)}-${two(month)}-${two(day)}`;
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return `${date}T${clock}${fraction === "" ? "" : `.${fraction}`}${formatOffset(offset)}`;
}
function formatOffset(offset) {
  if (offset === 0) return "Z";
  const minutes = Math.floor(Math.abs(offset) / 60);
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
function two(n, width = 2) {
  return n < 0 ? `-${String(-n).padStart(width, "0")}` : String(n).padStart(width, "0");
}

// src/lib/record/time-epoch.ts
var NUMBER2 = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;
function parseEpoch(text) {
  const first = text.charCodeAt(0);
  if (first > 57 || first < 45) return void 0;
  const found = NUMBER2.exec(text);
  if (found === null) return void 0;
  const exponent = Number(found[4] ?? 0);
  let whole = found[2] ?? "";
  let fraction = found[3] ?? "";
  if (exponent > 0) {
    if (exponent > 20) return void 0;
    const padded = fraction.padEnd(exponent, "0");
    whole += padded.slice(0, exponent);
    fraction = padded.slice(exponent);
  } else if (exponent < 0) {
    const padded = whole.padStart(1 - exponent, "0");
    fraction = padded.slice(exponent) + fraction;
    whole = padded.slice(0, exponent);
  }
  whole = whole.replace(/^0+(?=\d)/, "");
  if (whole.length > 20) return void 0;
  const decimals = whole.length <= 11 ? 0 : whole.length <= 14 ? 3 : whole.length <= 17 ? 6 : 9;
  if (decimals > 0) {
    fraction = whole.slice(-decimals) + fraction;
    whole = whole.slice(0, -decimals);
  }
  const size = BigInt(whole + fraction.slice(0, 9).padEnd(9, "0"));
  const ns = found[1] === "-" ? -size : size;
  const back = ns < 0n && ns % 1000000000n !== 0n ? 1n : 0n;
  const seconds = Number(ns / 1000000000n - back);
  const rest = String(ns - BigInt(seconds) * 1000000000n).padStart(9, "0");
  const shown = formatSeconds(seconds, rest.slice(0, Math.min(fraction.length, 9)), 0);
  return { ns, text: shown, zoned: true, dated: true, length: text.length };
}

// src/lib/record/time-forms.ts
var CLOCK = "(?<H>\\d\\d):(?<M>\\d\\d):(?<S>\\d\\d)(?:[.,:](?<f>\\d{1,9})(?!\\d))?";
var SHORT_CLOCK = "(?<H>\\d\\d):(?<M>\\d\\d)(?::(?<S>\\d\\d)(?:[.,](?<f>\\d+))?)?";
var MONTH = "(?<mon>[A-Z][a-z]{2})";
var DAY_NAME = "(?:[A-Z][a-z]{2,8},? +)";
var TIME_FORMS = [
  {
    name: "ISO 8601 without seconds",
    example: "2024-01-02T03:04Z",
    pattern: new RegExp(`(?<y>\\d{4})-(?<m>\\d\\d)-(?<d>\\d\\d)[T ]${SHORT_CLOCK}(?!\\d)`, "y")
  },
  { name: "ISO 8601 date", example: "2024-01-02", pattern: /(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d)(?![\dT:-])/y },
  {
    name: "ISO 8601 basic",
    example: "20240102T030405.678Z",
    pattern: /(?<y>\d{4})(?<m>\d\d)(?<d>\d\d)[T -]?(?<H>\d\d):?(?<M>\d\d):?(?<S>\d\d)(?:[.,]?(?<f>\d+))?(?!\d)/y
  },
  {
    name: "Go log, nginx error log",
    example: "2024/01/02 03:04:05.678901",
    pattern: new RegExp(`(?<y>\\d{4})/(?<m>\\d\\d)/(?<d>\\d\\d)[ T]${CLOCK}`, "y")
  },
  {
    name: "dots",
    example: "2024.01.02 03:04:05",
    pattern: new RegExp(`(?<y>\\d{4})\\.(?<m>\\d\\d)\\.(?<d>\\d\\d)[ T]${CLOCK}`, "y")
  },
  {
    name: "common log format",
    example: "02/Jan/2024:03:04:05 +0100",
    pattern: new RegExp(`(?<d>\\d{1,2})/${MONTH}/(?<y>\\d{4})[: ]${CLOCK}`, "y")
  },
  {
    name: "RFC 2822; day, month name and year",
    example: "Tue, 2 Jan 2024 03:04:05 +0100",
    pattern: new RegExp(`${DAY_NAME}?(?<d>\\d{1,2})[ -]${MONTH}[ -](?<y>\\d{4})[ :] *${SHORT_CLOCK}`, "y")
  },
  {
    name: "ctime, Apache error log, date(1)",
    example: "Tue Jan  2 03:04:05.678 2024",
    pattern: new RegExp(
      `${DAY_NAME}?${MONTH} +(?<d>\\d{1,2}) ${CLOCK}(?<z>(?: [A-Z]{3,4})?) (?<y>(?:19|20)\\d\\d)(?!\\d)`,
      "y"
    )
  },
  {
    name: "Java util.logging",
    example: "Jan 02, 2024 3:04:05 AM",
    pattern: new RegExp(
      `${MONTH} (?<d>\\d{1,2}),? (?<y>\\d{4}),? (?<H>\\d{1,2}):(?<M>\\d\\d):(?<S>\\d\\d)(?:[.,](?<f>\\d+))?(?: (?<ap>[AP])M)?`,
      "y"
    )
  },
  {
    name: "syslog RFC 3164, Cisco with a year",
    example: "Jan  2 03:04:05",
    pattern: new RegExp(`${MONTH} +(?<d>\\d{1,2}) (?:(?<y>\\d{4}) )?${CLOCK}`, "y")
  },
  {
    name: "logcat",
    example: "01-02 03:04:05.678",
    pattern: new RegExp(`(?<m>\\d\\d)-(?<d>\\d\\d) ${CLOCK}`, "y")
  },
  {
    name: "klog",
    example: "0102 03:04:05.678901",
    pattern: new RegExp(`(?<m>\\d\\d)(?<d>\\d\\d) ${CLOCK}`, "y")
  },
  {
    name: "time of day",
    example: "03:04:05.678",
    pattern: new RegExp(`${CLOCK}(?!\\d|:)`, "y")
  }
];
function matchForm(text) {
  for (const { pattern } of TIME_FORMS) {
    pattern.lastIndex = 0;
    const groups = pattern.exec(text)?.groups;
    if (groups !== void 0) {
      const reading = toReading(groups, text, pattern.lastIndex);
      if (reading !== void 0) return reading;
    }
  }
  return void 0;
}
function toReading(g, text, end) {
  const monthByName = g["mon"] === void 0 ? void 0 : MONTHS.indexOf(g["mon"].toLowerCase()) + 1;
  if (monthByName === 0) return void 0;
  const month = monthByName ?? (g["m"] === void 0 ? void 0 : Number(g["m"]));
  let hour = Number(g["H"] ?? 0);
  if (g["ap"] !== void 0) {
    if (hour < 1 || hour > 12) return void 0;
    hour = hour % 12 + (g["ap"] === "P" ? 12 : 0);
  }
  const named = g["z"] === void 0 || g["z"] === "" ? void 0 : namedOffset(g["z"].trim());
  if (g["z"] && named === void 0) return void 0;
  const zone = g["H"] === void 0 ? void 0 : named === void 0 ? readZone(text, end) : { offset: named, end };
  return {
    year: g["y"] === void 0 ? void 0 : Number(g["y"]),
    month,
    day: g["d"] === void 0 ? void 0 : Number(g["d"]),
    hour,
    minute: Number(g["M"] ?? 0),
    second: Number(g["S"] ?? 0),
    fraction: g["f"] ?? "",
    offset: zone?.offset,
    length: zone?.end ?? end
  };
}

// src/lib/record/time.ts
var DAY_NS = 86400000000000n;
var SECOND_NS = 1000000000n;
function parseTime(value, options = {}) {
  if (typeof value === "number") return parseTime(String(value), options);
  const text = value.trim();
  const compact = (text.length === 14 || text.length === 17) && /^(?:19|20)\d+$/.test(text);
  const epoch = compact ? void 0 : parseEpoch(text);
  if (epoch !== void 0) return epoch;
  const found = findTime(text, options);
  return found !== void 0 && found.length === text.length ? found : void 0;
}
function findTime(text, options = {}) {
  const reading = readRfc3339(text) ?? matchForm(text);
  return reading === void 0 ? void 0 : resolve(reading, options, text);
}
function formatTime(ns, zone = "UTC") {
  const seconds = floorDiv(ns);
  const nanos = Number(ns - BigInt(seconds) * SECOND_NS);
  const digits2 = String(nanos).padStart(9, "0");
  const fraction = nanos % 1e6 === 0 ? digits2.slice(0, 3) : nanos % 1e3 === 0 ? digits2.slice(0, 6) : digits2;
  return formatSeconds(seconds, fraction, zoneOffset(zone, seconds));
}
function floorDiv(ns) {
  const quotient = ns / SECOND_NS;
  return Number(ns < 0n && quotient * SECOND_NS !== ns ? quotient - 1n : quotient);
}
function resolve(r, options, text) {
  if (r.offset !== void 0 && Math.abs(r.offset) >= 86400) return void 0;
  const zone = options.zone ?? "UTC";
  const received = options.receivedAt === void 0 ? 0 : floorDiv(options.receivedAt);
  const toUtc = (wall) => r.offset === void 0 ? fromWallClock(zone, wall) : wall - r.offset;
  let seconds;
  if (r.month === void 0 || r.day === void 0) seconds = nearestDay(r, received, zone, toUtc);
  else if (r.year === void 0) seconds = nearestYear(r, received, toUtc);
  else {
    const wall = civilSeconds({ ...r, year: r.year, month: r.month, day: r.day });
    seconds = wall === void 0 ? void 0 : toUtc(wall);
  }
  if (seconds === void 0) return void 0;
  const digits2 = r.fraction.slice(0, 9);
  const ns = BigInt(seconds) * SECOND_NS + BigInt(digits2 === "" ? 0 : Number(digits2.padEnd(9, "0")));
  const offset = r.offset ?? zoneOffset(zone, seconds);
  const exact = r.length === text.length && STRICT_RFC3339.test(text);
  return {
    ns,
    text: exact ? text : formatSeconds(seconds, r.fraction, offset),
    zoned: r.offset !== void 0,
    dated: r.month !== void 0,
    length: r.length
  };
}
var STRICT_RFC3339 = /^\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
function nearestYear(r, received, toUtc) {
  const thisYear = civilFromDays(Math.floor(received / 86400)).year;
  for (let year = thisYear + 1; year >= thisYear - 8; year--) {
    const wall = civilSeconds({ ...r, year, month: r.month ?? 1, day: r.day ?? 1 });
    if (wall === void 0) continue;
    const seconds = toUtc(wall);
    if (seconds <= received + 86400) return seconds;
  }
  return void 0;
}
function nearestDay(r, received, zone, toUtc) {
  const today = Math.floor((received + zoneOffset(zone, received)) / 86400);
  for (const day of [today, today - 1, today - 2]) {
    const wall = civilSeconds({ ...r, ...civilFromDays(day) });
    if (wall === void 0) return void 0;
    const seconds = toUtc(wall);
    if (seconds <= received) return seconds;
  }
  return void 0;
}
function readRfc3339(text) {
  const year = digits(text, 0, 4);
  if (year < 0 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return void 0;
  const separator = text.charCodeAt(10);
  if (separator !== 84 && separator !== 32 && separator !== 116 && separator !== 95) return void 0;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return void 0;
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return void 0;
  let end = 19;
  const mark = text.charCodeAt(19);
  if ((mark === 46 || mark === 44) && isDigit(text.charCodeAt(20))) {
    end = 21;
    while (isDigit(text.charCodeAt(end))) end++;
  }
  const fraction = end > 19 ? text.slice(20, end) : "";
  const zone = readZone(text, end);
  return { year, month, day, hour, minute, second, fraction, offset: zone?.offset, length: zone?.end ?? end };
}
function isDigit(code) {
  return code >= 48 && code <= 57;
}
function digits(text, at, count2) {
  let n = 0;
  for (let i = at; i < at + count2; i++) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) return -1;
    n = n * 10 + code - 48;
  }
  return n;
}

// src/lib/parse/plain.ts
var HEAD = 160;
var CAPITALS = /(?<![\w./$-])(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|ALERT|EMERG|PANIC|FINE|FINER|FINEST|VRB|TRC|DBG|INF|WRN|FTL)(?![\w./$-])/;
var MARKED = /[[<(]\s*(?:\w{1,32}:)?(trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg|panic|[TDIWEF])\s*(?:[\]>)]|[ :]\d)|\b(?:level|lvl|severity)[=:]\s*"?([a-z]{1,16})/i;
var EPOCH = /^1\d{9}(?:\.\d{1,9})?(?=\s)|^1\d{12}(?=\s)/;
var LEVEL_FIRST = /^[[(]?([A-Za-z]{1,11})[\]):|,]{0,2} {1,4}[[(]?(?=\d)/;
var LOWER_AT_START = /^(?:trace|debug|info|notice|warn|warning|error|fatal|critical|panic)(?=:|\t|\s+-|\s*\|)/i;
var WORD_BEHIND_TIME = /^\s+(trace|debug|info|warn|warning|error|fatal|critical)(?=\s)/i;
var CHANNEL = /^\]\s+[\w-]{1,64}\.(DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY):/;
var POSTGRES = /(?<![\w./$-])(LOG|STATEMENT|DETAIL|HINT|CONTEXT): {2}/;
var parsePlain = (text, context) => {
  const draft = newDraft("plain");
  claim(draft, "message", text);
  const bracket = timeOffset(text);
  let length = EPOCH.exec(text)?.[0].length ?? 0;
  if (length === 0 && startsLikeTime(text, bracket)) {
    const head = text.slice(bracket, bracket + HEAD);
    length = findTime(head, { zone: context.zone, receivedAt: context.receivedAt })?.length ?? 0;
  }
  if (length > 0) claim(draft, "time", text.slice(bracket, bracket + length));
  const behind = length === 0 || bracket > 1 ? 0 : bracket + length;
  const word = (behind > 0 ? levelBehindTime(text.slice(behind, behind + HEAD)) : void 0) ?? findLevel(text, behind);
  if (word !== void 0) claim(draft, "level", parseLevel(word));
  return draft;
};
function levelBehindTime(head) {
  const found = WORD_BEHIND_TIME.exec(head) ?? CHANNEL.exec(head);
  if (found !== null) return found[1];
  return POSTGRES.test(head) && !CAPITALS.test(head) ? "LOG" : void 0;
}
function findLevel(text, from = 0) {
  const head = text.slice(from, from + HEAD);
  const start = LOWER_AT_START.exec(head.trimStart())?.[0];
  if (start !== void 0) return start;
  const found = CAPITALS.exec(head);
  if (found !== null) return found[0];
  const marked = MARKED.exec(head);
  return marked === null ? void 0 : marked[1] ?? marked[2];
}
function timeOffset(text) {
  const behind = LEVEL_FIRST.exec(text);
  if (behind !== null && parseLevel(behind[1] ?? "") !== "UNKNOWN") return behind[0].length;
  return text.charCodeAt(0) === 91 || text.charCodeAt(0) === 40 ? 1 : 0;
}
function startsLikeTime(text, at) {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57 || code >= 65 && code <= 90;
}

// src/lib/parse/syslog.ts
var FACILITIES = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "authpriv",
  "ftp",
  "ntp",
  "audit",
  "alert",
  "clock",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7"
];
var PRI = /^<(\d{1,3})>/;
function priLength(text) {
  return PRI.exec(text)?.[0].length ?? 0;
}
function takePri(draft, text) {
  const digits2 = PRI.exec(text)?.[1];
  if (digits2 === void 0) return;
  const pri = Number(digits2);
  if (pri > 191) {
    draft.fields["_syslog_error"] = `PRI ${digits2} is above 191`;
    return;
  }
  claim(draft, "level", pri & 7, "severity");
  draft.fields["facility"] = FACILITIES[pri >> 3] ?? String(pri >> 3);
}

// src/lib/parse/syslog-3164.ts
var HOST = /([\w.:-]{1,255}) /y;
var TAG = /([^\s:[\]]{1,64})(?:\[([^\]\s]{1,64})\])?:(?: |$)/y;
var parseSyslog3164 = (text, context) => {
  const draft = newDraft("syslog-3164");
  let at = priLength(text);
  takePri(draft, text);
  const after = text.slice(at);
  const time = findTime(after, { zone: context.zone, receivedAt: context.receivedAt });
  if (time === void 0 || !time.dated) {
    if (at === 0) return { error: "syslog RFC 3164: neither PRI nor time", column: 1 };
    draft.fields["_syslog_error"] ??= "no time after PRI";
  } else {
    claim(draft, "time", after.slice(0, time.length), "timestamp");
    at += time.length;
    while (text[at] === " ") at++;
    HOST.lastIndex = at;
    const host = HOST.exec(text);
    if (host !== null && !host[1]?.endsWith(":")) {
      claim(draft, "host", host[1]);
      at = HOST.lastIndex;
    }
  }
  TAG.lastIndex = at;
  const tag = TAG.exec(text);
  if (tag !== null) {
    claim(draft, "service", tag[1]);
    if (tag[2] !== void 0) draft.fields["pid"] = tag[2];
    at = TAG.lastIndex;
  }
  claim(draft, "message", text.slice(at));
  openMessage(draft, 0);
  return draft;
};

// src/lib/parse/syslog-5424.ts
var HEADER = /^<\d{1,3}>\d{1,2} (\S+) (\S+) (\S+) (\S+) (\S+)(?: |$)/;
var ID = /[^\s=\]"]{1,255}/y;
var PARAM = / +([^\s=\]"]{1,255})="((?:[^"\\\]]|\\.|\\$)*)"/y;
var parseSyslog5424 = (text) => {
  const found = HEADER.exec(text);
  if (found === null) return { error: "syslog RFC 5424: expected <PRI>VERSION TIME HOST APP PROCID MSGID", column: 1 };
  const draft = newDraft("syslog-5424");
  takePri(draft, text);
  const [, time, host, app, procid, msgid] = found.map(present);
  claim(draft, "time", time, "timestamp");
  claim(draft, "host", host);
  claim(draft, "service", app);
  if (procid !== void 0) draft.fields["procid"] = procid;
  if (msgid !== void 0) draft.fields["msgid"] = msgid;
  let rest = text.slice(found[0].length);
  if (rest === "-" || rest.startsWith("- ")) rest = rest.slice(2);
  else if (rest.startsWith("[")) {
    const data = readStructuredData(rest);
    if (data.error !== void 0)
      draft.fields["_syslog_error"] = `${data.error} at column ${found[0].length + data.end + 1}`;
    if (Object.keys(data.elements).length > 0) draft.fields["structured_data"] = data.elements;
    rest = data.error === void 0 ? rest.slice(data.end).replace(/^ /, "") : rest;
  } else if (rest !== "") draft.fields["_syslog_error"] = `no structured data at column ${found[0].length + 1}`;
  if (rest.charCodeAt(0) === 65279) rest = rest.slice(1);
  claim(draft, "message", rest);
  openMessage(draft, 0);
  return draft;
};
function looksLike5424(text) {
  const at = priLength(text);
  return at > 0 && text.startsWith("1 ", at);
}
function present(value) {
  return value === "-" ? void 0 : value;
}
function readStructuredData(text) {
  const elements = {};
  let at = 0;
  while (text[at] === "[") {
    ID.lastIndex = at + 1;
    const id = ID.exec(text)?.[0];
    if (id === void 0) return { elements, end: at, error: "structured data without a name" };
    at = ID.lastIndex;
    const params = {};
    for (; ; ) {
      PARAM.lastIndex = at;
      const param = PARAM.exec(text);
      if (param === null) break;
      define(params, param[1] ?? "", (param[2] ?? "").replace(/\\(["\\\]])/g, "$1"));
      at = PARAM.lastIndex;
    }
    if (text[at] !== "]") return { elements, end: at, error: "structured data does not end" };
    define(elements, id, params);
    at++;
  }
  return { elements, end: at };
}

// src/lib/parse/detect.ts
var PARSERS = {
  json: parseJson,
  logfmt: parseLogfmt,
  syslog: (text, context) => (looksLike5424(text) ? parseSyslog5424 : parseSyslog3164)(text, context),
  "syslog-5424": parseSyslog5424,
  "syslog-3164": parseSyslog3164,
  access: parseAccess,
  cri: parseCri,
  docker: parseDocker,
  klog: parseKlog,
  plain: parsePlain
};
var LOGFMT = /^[A-Za-z_@][\w.@/-]{0,63}=(?:"(?:[^"\\]|\\.)*"|[^\s"=]*)\s+[A-Za-z_@][\w.@/-]{0,63}=/;
var SYSLOG_FILE = /^[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? [\w.:-]+ \S/;
var SYSLOG_ISO = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) [\w.-]{1,255} (?:[\w./-]{1,64}\[\d+\]|kernel): /;
function detectLine(text) {
  const first = text.charCodeAt(0);
  if (first === 123) return looksLikeDocker(text) ? "docker" : "json";
  if (first >= 48 && first <= 57) {
    if (looksLikeCri(text)) return "cri";
    if (looksLikeAccess(text)) return "access";
    return SYSLOG_ISO.test(text) ? "syslog-3164" : "plain";
  }
  if (first === 60 && priLength(text) > 0) return looksLike5424(text) ? "syslog-5424" : "syslog-3164";
  if (first <= 32) return text.trimStart().startsWith("{") ? "json" : "plain";
  if (looksLikeKlog(text)) return "klog";
  if (SYSLOG_FILE.test(text)) return "syslog-3164";
  if (LOGFMT.test(text)) return "logfmt";
  return looksLikeAccess(text) ? "access" : "plain";
}

// src/lib/record/json-text.ts
function jsonText(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (value instanceof RawNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  let out = "";
  for (const key of Object.keys(value)) {
    out += `${out === "" ? "" : ","}${JSON.stringify(key)}:${jsonText(value[key])}`;
  }
  return `{${out}}`;
}

// src/lib/parse/limits.ts
var MAX_FIELDS = 1e3;
var MAX_KEY = 256;
var OVERFLOW = "_overflow";
function limitFields(fields) {
  let left = MAX_FIELDS;
  let within;
  let over;
  const keys = Object.keys(fields);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const value = fields[key];
    const cost = key.length > MAX_KEY ? Number.POSITIVE_INFINITY : 1 + costOf(value);
    if (cost <= left) {
      left -= cost;
      if (within !== void 0) setField(within, key, value);
      continue;
    }
    if (within === void 0 || over === void 0) {
      within = {};
      over = {};
      for (const earlier of keys.slice(0, i)) setField(within, earlier, fields[earlier]);
    }
    setField(over, key, value);
  }
  if (within === void 0 || over === void 0) return fields;
  within[OVERFLOW] = jsonText(over);
  return within;
}
function costOf(value) {
  if (typeof value !== "object" || value === null || value instanceof RawNumber) return 0;
  let cost = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === "object") cost += costOf(element);
    return cost;
  }
  for (const key of Object.keys(value)) {
    if (key.length > MAX_KEY) return Number.POSITIVE_INFINITY;
    cost += 1 + costOf(value[key]);
  }
  return cost;
}

// src/lib/parse/settle.ts
function settleTime(draft, context) {
  const options = { zone: context.zone, receivedAt: context.receivedAt };
  let parsed;
  let used;
  for (const claim2 of draft.claims.time) {
    const value = scalar(claim2.value);
    parsed = value === void 0 ? void 0 : parseTime(microseconds(claim2.key, value), options);
    if (parsed !== void 0) {
      used = claim2;
      break;
    }
  }
  for (const claim2 of draft.claims.time)
    if (claim2 !== used && !same(claim2, used)) setField(draft.fields, claim2.key, claim2.value);
  if (parsed === void 0) {
    const [first] = draft.claims.time;
    if (first !== void 0) setField(draft.fields, "_ts_error", `no time in ${first.key}: ${show(first.value)}`);
    return { ts: context.receivedAt, tsText: void 0 };
  }
  if (parsed.ns < 0n || parsed.ns > context.receivedAt + DAY_NS) {
    setField(draft.fields, "clock_skew", parsed.text);
    return { ts: context.receivedAt, tsText: void 0 };
  }
  return { ts: parsed.ns, tsText: parsed.text };
}
function settleLevel(draft, message) {
  let level = "UNKNOWN";
  let used;
  for (const claim2 of draft.claims.level) {
    const value = scalar(claim2.value);
    if (value === void 0) continue;
    level = parseLevel(value, claim2.key);
    if (level === "UNKNOWN") continue;
    used = losesText(value, level, claim2.key) ? void 0 : claim2;
    break;
  }
  for (const claim2 of draft.claims.level) {
    if (claim2 !== used && !same(claim2, used)) setField(draft.fields, claim2.key, claim2.value);
  }
  if (level === "UNKNOWN" && message !== void 0) return parseLevel(findLevel(message) ?? "");
  return level;
}
function settleText(draft, role) {
  const claims = draft.claims[role];
  const used = claims[0];
  if (used === void 0) return void 0;
  for (let i = 1; i < claims.length; i++) {
    const claim2 = claims[i];
    if (!same(claim2, used)) setField(draft.fields, claim2.key, claim2.value);
  }
  return show(used.value);
}
function same(claim2, used) {
  return used !== void 0 && claim2.value === used.value;
}
function scalar(value) {
  if (typeof value === "string" || typeof value === "number") return value;
  return value instanceof RawNumber ? value.text : void 0;
}
function show(value) {
  return typeof value === "string" ? value : jsonText(value);
}
var JOURNALD = "__REALTIME_TIMESTAMP";
function microseconds(key, value) {
  const digits2 = String(value);
  if (key !== JOURNALD || !/^\d{1,17}$/.test(digits2)) return value;
  const padded = digits2.padStart(7, "0");
  return `${padded.slice(0, -6)}.${padded.slice(-6)}`;
}

// src/lib/parse/parse-event.ts
function parseEvent(raw, context, receivedAt, logId) {
  const text = decode(raw);
  const parsing = parseContext(receivedAt, context.zone, 0);
  const draft = readLine(text, context.format, parsing);
  const limited = limitFields(draft.fields);
  const settled = limited === draft.fields ? draft : { ...draft, fields: limited };
  const fields = settled.fields;
  const time = settleTime(settled, parsing);
  let message = settleText(settled, "message");
  let level = draft.failure === void 0 ? settleLevel(settled, message) : "UNKNOWN";
  let service = settleText(settled, "service") ?? context.service;
  let host = settleText(settled, "host") ?? context.host;
  let trace = settleText(settled, "trace_id");
  let span = settleText(settled, "span_id");
  if (draft.failure !== void 0) fields["_parse_error"] = draft.failure;
  if (text.includes("\uFFFD") && !isUtf8(raw)) fields["_invalid_utf8"] = true;
  if (context.file !== void 0 && !Object.hasOwn(fields, "file")) fields["file"] = context.file;
  if (context.truncated !== void 0) {
    fields["truncated"] = true;
    fields["original_length"] = context.truncated;
  }
  if (context.fields !== void 0) {
    for (const key of Object.keys(context.fields)) {
      const value = context.fields[key];
      const role = aliasOf(key)?.role;
      if (role === "service") service = value;
      else if (role === "host") host = value;
      else if (role === "message") message = value;
      else if (role === "trace_id") trace = value;
      else if (role === "span_id") span = value;
      else if (role === "level") level = parseLevel(value, key);
      else setField(fields, key, value);
    }
  }
  return {
    raw,
    ts: time.ts,
    tsText: time.tsText,
    receivedAt,
    level,
    service,
    message,
    host,
    trace_id: trace,
    span_id: span,
    log_id: logId,
    fields,
    format: settled.format
  };
}
var MAX_INNER = 4;
function parseContext(receivedAt, zone, depth) {
  const inner = (line) => readLine(line, depth < MAX_INNER ? void 0 : "plain", parseContext(receivedAt, zone, depth + 1));
  return { receivedAt, zone, inner };
}
function decode(raw) {
  let text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("utf8");
  if (text.charCodeAt(0) === 65279) text = text.slice(1);
  return text.charCodeAt(text.length - 1) === 13 ? text.slice(0, -1) : text;
}
function readLine(text, format, context) {
  const name = format !== void 0 && isFormat(format) ? format : detectLine(text);
  const result = PARSERS[name](text, context);
  return isFailure(result) ? keepWhole(text, name, result) : result;
}
function keepWhole(text, format, failure) {
  const draft = newDraft(format);
  draft.claims.message.push({ key: "message", value: text, rank: 0 });
  const at = failure.column === void 0 ? "" : ` at column ${failure.column}`;
  draft.failure = failure.error === "depth" ? "depth" : `${failure.error}${at}`;
  return draft;
}

// src/lib/adapters/elasticsearch/document/document-of.ts
import { isUtf8 as isUtf82 } from "node:buffer";

// src/lib/query/decimal.ts
var NUMBER3 = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,15}))?$/;
function decimalOf(text) {
  const first = text.charCodeAt(0);
  if (!(first >= 48 && first <= 57 || first === 43 || first === 45 || first === 46)) return void 0;
  if (!NUMBER3.test(text) || !/\d/.test(text.split(/[eE]/)[0] ?? "")) return void 0;
  return { near: Number(text), text };
}

// src/lib/adapters/elasticsearch/document/names.ts
var FIXED2 = /* @__PURE__ */ new Map([
  ["@timestamp", "leaf"],
  ["level", "leaf"],
  ["service", "leaf"],
  ["message", "leaf"],
  ["host", "leaf"],
  ["trace_id", "leaf"],
  ["span_id", "leaf"],
  ["tenant", "leaf"],
  ["log_id", "leaf"],
  ["received_at", "leaf"],
  ["pod", "leaf"],
  ["pod_id", "leaf"],
  ["user_id", "leaf"],
  ["request_id", "leaf"],
  ["stack", "leaf"],
  ["error", "object"],
  ["error.message", "leaf"],
  ["error.stack_trace", "leaf"],
  ["exception", "object"],
  ["event", "object"],
  ["event.original", "leaf"]
]);
var BESIDE = "_fields";
var INEXACT = "_inexact";
var REST = "_logs";
var MAX_KEYWORD = 8191;
var MAX_MAPPED_DEPTH = 18;
var BLANK_PART = /(?:^|\.)[\s\u0000-\u001f\u0085]*(?:\.|$)/;
function kindOfName(name) {
  let kind = KINDS.get(name);
  if (kind === void 0) {
    if (KINDS.size >= 1e4) KINDS.clear();
    kind = findKind(name);
    KINDS.set(name, kind);
  }
  return kind;
}
var KINDS = /* @__PURE__ */ new Map();
function findKind(name) {
  if (BLANK_PART.test(name)) return "none";
  if (name.startsWith("_")) return "beside";
  return name.includes(".") || FIXED2.has(name) ? "looked-at" : "plain";
}
function fixedKind(path) {
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    if (FIXED2.get(path.slice(0, dot)) === "leaf") return "under-leaf";
  }
  return FIXED2.get(path);
}
function isTextPath(path) {
  return path === "message" || path === "stack" || path === "error.message" || path === "error.stack_trace" || path === "exception" || path.startsWith("exception.");
}

// src/lib/adapters/elasticsearch/document/index-trust.ts
var JAVA_NUMBER = (
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Java trims them
  /^[\u0000- ]*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0[xX][\da-fA-F]*\.?[\da-fA-F]*[pP][+-]?\d+)[dDfF]?[\u0000- ]*$/
);
var SMALLEST = 1e-290;
var WORDS = /[\p{L}\p{M}\p{Nd}_]+/gu;
function isIndexedExactly(value) {
  if (typeof value === "number") return Math.abs(value) >= SMALLEST || value === 0;
  if (value instanceof RawNumber) return isExactNumber(value.text);
  if (value.length > MAX_KEYWORD) return false;
  if (!(value.charCodeAt(0) <= 57) || !JAVA_NUMBER.test(value)) return true;
  return decimalOf(value) !== void 0 && isExactNumber(value);
}
function isExactNumber(text) {
  if (text.length <= 15 && !/[eE]/.test(text)) return true;
  const near = Number(text);
  const digits2 = text.replace(/[eE].*$/, "").replace(/\D/g, "").replace(/^0+/, "");
  if (digits2 === "") return true;
  return digits2.length <= 15 && Number.isFinite(near) && Math.abs(near) >= SMALLEST;
}
function hasWholeWords(text) {
  if (text.length <= MAX_KEYWORD) return true;
  for (const [word] of text.matchAll(WORDS)) if (word.length > MAX_KEYWORD) return false;
  return true;
}

// src/lib/adapters/elasticsearch/document/indexable.ts
var MAX_DIGITS = 1e3;
var Indexer = class {
  inexact = [];
  /** A name inside an object has a dot: paths may meet, and a `Shape` is needed to see where. */
  dotted = false;
  #leaves = 0;
  /** The same value where nothing has to go, else a copy without it; undefined where nothing is left. */
  indexable(value, path, shape) {
    return this.#value(value, path, 1, shape);
  }
  #value(value, path, depth, shape) {
    if (Array.isArray(value)) return this.#array(value, path, depth, shape);
    if (isFields(value)) return this.#object(value, path, depth, shape);
    if (value === null) return value;
    if (shape !== void 0 && !enter(shape, path, "leaf")) return this.#without(path);
    this.#leaves += 1;
    if (isTextPath(path)) {
      if (typeof value !== "string" || !hasWholeWords(value)) this.inexact.push(path);
    } else if (typeof value !== "boolean" && !isIndexedExactly(value)) this.inexact.push(path);
    return value instanceof RawNumber && value.text.length > MAX_DIGITS ? this.#without(path) : value;
  }
  #object(value, path, depth, shape) {
    if (depth >= MAX_MAPPED_DEPTH) return this.#without(path);
    if (shape !== void 0 && !enter(shape, path, "object")) return this.#without(path);
    const before = this.#leaves;
    const keys = Object.keys(value);
    let copy;
    for (const [at, key] of keys.entries()) {
      const was = value[key];
      const named = kindOfName(key) === "none" ? this.#without(path) : this.#child(was, path, key, depth, shape);
      if (named === was && copy === void 0) continue;
      if (copy === void 0) {
        copy = {};
        for (const same2 of keys.slice(0, at)) define(copy, same2, value[same2]);
      }
      if (named !== void 0) define(copy, key, named);
    }
    if (this.#leaves === before) {
      this.inexact.push(path);
      return void 0;
    }
    return copy ?? value;
  }
  #child(value, path, key, depth, shape) {
    const dots = key.includes(".") ? key.split(".").length - 1 : 0;
    if (dots > 0) this.dotted = true;
    if (typeof value === "string" && shape === void 0 && value.length <= 32 && isIndexedExactly(value)) {
      this.#leaves += 1;
      return value;
    }
    return this.#value(value, `${path}.${key}`, depth + 1 + dots, shape);
  }
  /** Elements of both kinds cannot be indexed under one name: those of the first one's kind are. */
  #array(value, path, depth, shape) {
    const kind = kindOfValue(value);
    let changed = false;
    const kept = [];
    for (const element of value) {
      const own = kindOfValue(element);
      const taken = own !== void 0 && own !== kind ? this.#without(path) : this.#value(element, path, depth, shape);
      if (taken !== element) changed = true;
      if (taken !== void 0) kept.push(taken);
    }
    return changed ? kept : value;
  }
  #without(path) {
    this.inexact.push(path);
    return void 0;
  }
};
function enter(shape, path, kind) {
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    if (shape.get(path.slice(0, dot)) === "leaf") return false;
  }
  const there = shape.get(path);
  if (there !== void 0 && there !== kind) return false;
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) shape.set(path.slice(0, dot), "object");
  shape.set(path, kind);
  return true;
}
function kindOfValue(value) {
  if (value === null) return void 0;
  if (!Array.isArray(value)) return isFields(value) ? "object" : "leaf";
  for (const element of value) {
    const kind = kindOfValue(element);
    if (kind !== void 0) return kind;
  }
  return void 0;
}
function fitsTemplate(value, path) {
  if (Array.isArray(value)) return value.every((element) => fitsTemplate(element, path));
  if (value === null) return true;
  const fixed = fixedKind(path);
  if (!isFields(value)) return fixed === void 0 || fixed === "leaf";
  if (fixed === "leaf" || fixed === "under-leaf") return false;
  return Object.keys(value).every((key) => fitsTemplate(value[key], `${path}.${key}`));
}

// src/lib/adapters/elasticsearch/document/times.ts
var LAST_NANOS = 2n ** 63n - 1n;
function heldTime(ts) {
  return ts < 0n ? 0n : ts > LAST_NANOS ? LAST_NANOS : ts;
}

// src/lib/adapters/elasticsearch/document/document-of.ts
var PLAIN_TIME = /^\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-7]):[0-5]\d)$/;
var MAX_INEXACT = 100;
function documentOf(record, options = {}) {
  const rest = [`"format":${JSON.stringify(record.format)}`];
  const inexact = /* @__PURE__ */ new Set();
  let out = `{"@timestamp":"${timeOf(record, rest, inexact)}","level":"${record.level}"`;
  if (record.service !== void 0) out += `,"service":${keyword("service", record.service, inexact)}`;
  if (record.message !== void 0) {
    if (!hasWholeWords(record.message)) inexact.add("message");
    out += `,"message":${JSON.stringify(record.message)}`;
  }
  if (record.host !== void 0) out += `,"host":${keyword("host", record.host, inexact)}`;
  if (record.trace_id !== void 0) out += `,"trace_id":${keyword("trace_id", record.trace_id, inexact)}`;
  if (record.span_id !== void 0) out += `,"span_id":${keyword("span_id", record.span_id, inexact)}`;
  out += `,"log_id":${JSON.stringify(record.log_id)},"received_at":"${formatTime(record.receivedAt)}"`;
  const fields = (options.unindexed === true ? void 0 : plainFields(record.fields, options, inexact)) ?? placeFields(record.fields, options, inexact);
  out += fields.here;
  if (options.original === true) out += original(record, rest);
  if (fields.beside !== "") out += `,"${BESIDE}":{${fields.beside}}`;
  if (inexact.size > 0) out += `,"${INEXACT}":${JSON.stringify(inexact.size > MAX_INEXACT ? ["*"] : [...inexact])}`;
  if (fields.moved.length > 0) rest.push(`"fields":${JSON.stringify(JSON.stringify(fields.moved))}`);
  return `${out},"${REST}":{${rest.join(",")}}}`;
}
var NOTHING_MOVED = [];
function plainFields(fields, options, inexact) {
  const indexer = new Indexer();
  let here = "";
  for (const name of Object.keys(fields)) {
    if (kindOfName(name) !== "plain" || options.beside?.has(name) === true) return void 0;
    const value = fields[name];
    if (indexer.indexable(value, name, void 0) !== value || indexer.dotted) return void 0;
    here += `,${JSON.stringify(name)}:${jsonText(value)}`;
  }
  for (const path of indexer.inexact) inexact.add(path);
  return { here, beside: "", moved: NOTHING_MOVED };
}
function placeFields(fields, options, inexact) {
  const indexer = new Indexer();
  const shapes = { here: /* @__PURE__ */ new Map(), beside: /* @__PURE__ */ new Map() };
  const moved = [];
  let here = "";
  let beside = "";
  for (const [index, name] of Object.keys(fields).entries()) {
    const value = fields[name];
    const kind = kindOfName(name);
    if (options.unindexed === true || kind === "none" || RESERVED.has(name)) {
      moved.push([index, name, jsonText(value)]);
      inexact.add("*");
      continue;
    }
    const isBeside = kind === "beside" || options.beside?.has(name) === true || !fitsTemplate(value, name);
    const taken = indexer.indexable(value, name, isBeside ? shapes.beside : shapes.here);
    if (taken !== value) moved.push([index, name, jsonText(value)]);
    else if (isBeside) moved.push([index, name]);
    if (taken === void 0) continue;
    const member2 = `${JSON.stringify(name)}:${jsonText(taken)}`;
    if (isBeside) beside += beside === "" ? member2 : `,${member2}`;
    else here += `,${member2}`;
  }
  for (const path of indexer.inexact) inexact.add(path);
  return { here, beside, moved };
}
function keyword(name, text, inexact) {
  if (text.length > MAX_KEYWORD) inexact.add(name);
  return JSON.stringify(text);
}
function timeOf(record, rest, inexact) {
  const { ts, tsText } = record;
  const held = heldTime(ts);
  const isHeld = held === ts;
  if (isHeld && tsText !== void 0 && PLAIN_TIME.test(tsText)) return tsText;
  rest.push(`"time":${tsText === void 0 ? "null" : JSON.stringify(tsText)}`);
  if (isHeld) return formatTime(ts);
  rest.push(`"ts":"${ts}"`);
  inexact.add("@timestamp");
  return formatTime(held);
}
function original(record, rest) {
  const { raw, fields } = record;
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (isUtf82(raw) && !Object.hasOwn(fields, "event.original")) {
    rest.push('"original":true');
    return `,"event.original":${JSON.stringify(bytes.toString("utf8"))}`;
  }
  rest.push(`"original":"${bytes.toString("base64")}"`);
  return "";
}

// src/lib/adapters/elasticsearch/bulk/encode.ts
function encodeBatch(batch, target) {
  const encoder = new Encoder(batch, target);
  let event = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => encoder.add(event++, batch.bytes.subarray(start, end)));
  return encoder.end();
}
function encodeEvents(batch, target, events) {
  const encoder = new Encoder(batch, target);
  let event = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    const optionsOf = events.get(event);
    if (optionsOf !== void 0) encoder.add(event, batch.bytes.subarray(start, end), optionsOf);
    event += 1;
  });
  return encoder.end();
}
var Encoder = class {
  #batch;
  #target;
  #events = [];
  #unparsed = [];
  #text = "";
  #prefix = "";
  #receivedAt = 0n;
  constructor(batch, target) {
    this.#batch = batch;
    this.#target = target;
  }
  add(event, raw, optionsOf) {
    const id = this.#batch.ids[event];
    const record = parseEvent(raw, this.#batch.context, this.#receivedOf(id), id);
    const { options, index } = this.#target;
    const json = documentOf(record, optionsOf === void 0 ? options : { ...options, ...optionsOf(record) });
    this.#text += `{"create":{"_index":"${index(record.ts)}","_id":${JSON.stringify(id)}}}
${json}
`;
    this.#events.push(event);
    if (Object.hasOwn(record.fields, "_parse_error")) this.#unparsed.push(event);
  }
  end() {
    return { lines: Buffer.from(this.#text), events: this.#events, unparsed: this.#unparsed };
  }
  /** The time of receipt is in the id: an event sent again is the same document. */
  #receivedOf(id) {
    const prefix = id.slice(0, 10);
    if (prefix !== this.#prefix) {
      this.#prefix = prefix;
      this.#receivedAt = BigInt(parseLogId(id)?.receivedMs ?? Date.now()) * 1000000n;
    }
    return this.#receivedAt;
  }
};

// src/lib/adapters/elasticsearch/failure.ts
function complaintOf(text) {
  try {
    const body = JSON.parse(text);
    const error = member(body, "error");
    if (typeof error === "string") return { type: void 0, reason: oneLine(error) };
    const type = member(error, "type");
    const reason = member(error, "reason") ?? member(body, "message");
    const cause = member(member(error, "caused_by"), "reason");
    if (typeof reason === "string") {
      const why = typeof cause === "string" && !reason.includes(cause) ? `${reason}: ${cause}` : reason;
      return { type: typeof type === "string" ? type : void 0, reason: oneLine(why) };
    }
  } catch {
  }
  return { type: void 0, reason: oneLine(text.replace(/<[^>]*>/g, " ")) };
}
function member(value, name) {
  return typeof value === "object" && value !== null ? value[name] : void 0;
}
function oneLine(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}\u2026` : line;
}
function isFloodStage({ type, reason }) {
  return type === "cluster_block_exception" && /FORBIDDEN\/(?:12|13)\/|TOO_MANY_REQUESTS\/12\/|read-only \/ allow delete|flood/i.test(reason);
}
function statusFailure(url2, status, text, retryAfter) {
  const complaint = complaintOf(text);
  const said = complaint.reason === "" ? `status ${status}` : complaint.reason;
  const at = url2.shown;
  const cause = { status, ...complaint };
  if (status === 401) {
    const who = url2.user ?? (url2.params.has("api-key") ? "the API key" : void 0);
    return new LogsError(
      "REMOTE_DENIED",
      `${at} ${who === void 0 ? "wants a user and a password" : `does not accept ${url2.user === void 0 ? who : `the password of ${who}`}`}`,
      {
        hint: `es://USER:\${env:PASSWORD}@${hostsOf(url2)} or ?api-key=\${env:KEY}`,
        cause
      }
    );
  }
  if (status === 403 && isFloodStage(complaint)) return busy(at, `its disk is nearly full: ${said}`, cause);
  if (status === 403) {
    return new LogsError("REMOTE_DENIED", `${at} forbids it: ${said}`, {
      hint: `give ${url2.user ?? "the API key"} the right to do it, or use another login`,
      cause
    });
  }
  if (status === 413) {
    return new LogsError("TOO_LARGE", `${at} takes no request of this size: ${said}`, {
      hint: "it is sent in smaller parts; http.max_content_length of the server is the limit",
      cause
    });
  }
  if (status === 429 || status === 503) {
    return busy(
      at,
      said,
      cause,
      retryAfter !== void 0 && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1e3 : void 0
    );
  }
  if (status === 404) {
    return new LogsError("NOT_FOUND", `${at}: ${said}`, { hint: `logs index status ${at} shows what is there`, cause });
  }
  if (status >= 500 || status === 408) {
    return new LogsError("REMOTE_FAILED", `${at} failed: ${said}`, { hint: "look into the log of the server", cause });
  }
  if (/plain ?text|HTTP request (?:was )?sent to (?:an )?HTTPS/i.test(text)) return spokenPlainly(url2, cause);
  return new LogsError("REMOTE_UNSUITABLE", `${at} refuses the request: ${said}`, {
    hint: "Elasticsearch 8 or 9 and OpenSearch 2 or 3 are supported",
    cause
  });
}
function busy(at, why, cause, retryAfterMs) {
  return new LogsError("REMOTE_BUSY", `${at} takes nothing now: ${why}`, {
    hint: "try again later",
    ...retryAfterMs === void 0 ? {} : { retryAfterMs },
    cause
  });
}
function spokenPlainly(url2, cause) {
  return new LogsError("REMOTE_TLS", `${url2.shown} wants TLS`, {
    hint: `write ${url2.scheme}+https://${hostsOf(url2)}`,
    cause
  });
}
var NOT_REACHED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|Connect Timeout|connect ETIMEDOUT|ECONNABORTED/;
var TLS_TROUBLE = /certificate|self-signed|CERT_|altname|wrong version number|EPROTO|SSL routines|handshake|unable to (?:verify|get)|TLS|alert/i;
function connectionFailure(url2, error) {
  const { message } = error;
  const at = url2.shown;
  if (NOT_REACHED.test(message)) {
    const why = /ENOTFOUND|EAI_AGAIN/.test(message) ? "no such host" : /ECONNREFUSED/.test(message) ? "nothing listens there" : oneLine(message);
    return new LogsError("UNREACHABLE", `cannot reach ${at}: ${why}`, {
      hint: "check the address and the port, and that the server runs",
      cause: error
    });
  }
  if (url2.tls && /wrong version number|EPROTO|packet length too long/.test(message)) {
    return new LogsError("REMOTE_TLS", `${at} does not speak TLS`, {
      hint: `write ${url2.scheme}://${hostsOf(url2)}`,
      cause: error
    });
  }
  if (url2.tls && TLS_TROUBLE.test(message)) {
    return new LogsError("REMOTE_TLS", `${at}: ${oneLine(message.split(";")[0] ?? message)}`, {
      hint: /altname/i.test(message) ? "use the name that its certificate is for" : "?ca=FILE names the certificate that signed it; ?insecure=true trusts anything",
      cause: error
    });
  }
  if (!url2.tls && /Expected HTTP\/|HPE_|Parse Error|invalid constant/i.test(message)) return spokenPlainly(url2, error);
  return new LogsError(
    "REMOTE_FAILED",
    `the connection to ${at} broke: ${oneLine(message.split(" - Local:")[0] ?? message)}`,
    {
      hint: url2.tls ? "look into the log of the server" : `if it wants TLS write ${url2.scheme}+https://${hostsOf(url2)}`,
      cause: error
    }
  );
}
function timeoutFailure(url2, ms) {
  return new LogsError("REMOTE_FAILED", `${url2.shown} did not answer within ${Math.round(ms / 1e3)} s`, {
    hint: "the server may be overloaded; try again later"
  });
}
function hostsOf(url2) {
  return `${url2.hosts.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(",")}${url2.path.map((part) => `/${part}`).join("")}`;
}

// src/lib/adapters/elasticsearch/bulk/outcome.ts
var ACCEPTED = { kind: "accepted" };
var MISFITS = /* @__PURE__ */ new Set([
  "mapper_parsing_exception",
  "document_parsing_exception",
  "strict_dynamic_mapping_exception",
  "illegal_argument_exception"
]);
function outcomeOf(item, url2) {
  const { status, error } = item;
  if (status < 300 || status === 409) return ACCEPTED;
  const type = error?.type;
  const reason = reasonOf(item);
  if (status === 403 && type === "security_exception") {
    throw new LogsError("REMOTE_DENIED", `${url2.shown} forbids writing: ${reason}`, {
      hint: "give the login the privileges create_doc and auto_configure on the indices"
    });
  }
  if (/maximum (?:normal |frozen )?shards open/.test(reason)) {
    throw new LogsError("REMOTE_UNSUITABLE", `${url2.shown} can make no further index: ${reason}`, {
      hint: "delete old indices, use fewer shards (logs index init --shards 1), or raise cluster.max_shards_per_node"
    });
  }
  if (status === 404) {
    throw new LogsError("REMOTE_UNSUITABLE", `${url2.shown}: ${reason}`, {
      hint: "let the server make indices (action.auto_create_index), or make it before"
    });
  }
  if (status === 429 || status >= 500 || isFloodStage({ type, reason })) return { kind: "retry", reason };
  return { kind: status === 400 && type !== void 0 && MISFITS.has(type) ? "misfit" : "rejected", reason };
}
function reasonOf({ status, error }) {
  const text = error?.reason ?? `status ${status}`;
  const cause = error?.caused_by?.reason;
  const whole = cause === void 0 || text.includes(cause) ? text : `${text}: ${cause}`;
  const line = whole.replace(/\s+/g, " ").replace(/ in document with id '[^']*'/, "");
  return line.length > 300 ? `${line.slice(0, 300)}\u2026` : line;
}
function namesIn(reason) {
  return Array.from(reason.matchAll(/\[([^[\]]+)\]/g), ([, name]) => name);
}
function fieldsNamed(names, fields) {
  const of = (name, field) => name === field || name.startsWith(`${field}.`) || field.startsWith(`${name}.`);
  return new Set(fields.filter((field) => names.some((name) => of(name, field))));
}

// src/lib/adapters/elasticsearch/bulk/bulk-writer.ts
var TIMEOUT = 6e4;
async function writeBatch(client, batch, { target, unindexed }, signal) {
  const rejected = [];
  const retry = [];
  const unparsed = /* @__PURE__ */ new Set();
  let accepted = 0;
  const write = async (body) => {
    const misfits2 = [];
    if (body.events.length === 0) return misfits2;
    for (const event of body.unparsed) unparsed.add(event);
    const items = await sendBulk(client, body, signal);
    for (const [at, event] of body.events.entries()) {
      const item = items[at];
      const outcome = item === void 0 ? void 0 : outcomeOf(item, client.url);
      if (outcome === void 0 || outcome.kind === "accepted") {
        accepted += 1;
        continue;
      }
      const { reason } = outcome;
      if (outcome.kind === "misfit") misfits2.push({ event, reason });
      else {
        (outcome.kind === "retry" ? retry : rejected).push({ event, reason });
        unparsed.delete(event);
      }
    }
    return misfits2;
  };
  let misfits = await write(encodeBatch(batch, target));
  for (const form of unindexed ? ["beside", "unindexed"] : ["beside"]) {
    if (misfits.length > 0) misfits = await write(encodeMisfits(batch, target, misfits, form));
  }
  for (const refusal of misfits) {
    rejected.push(refusal);
    unparsed.delete(refusal.event);
  }
  return { accepted, rejected, ...retry.length === 0 ? {} : { retry }, unparsed: unparsed.size };
}
function encodeMisfits(batch, target, misfits, form) {
  const optionsOf = new Map(
    misfits.map(({ event, reason }) => {
      const names = namesIn(reason);
      const options = (fields) => form === "unindexed" ? { unindexed: true } : { beside: fieldsNamed(names, fields) };
      return [event, (record) => options(Object.keys(record.fields))];
    })
  );
  return encodeEvents(batch, target, optionsOf);
}
async function sendBulk(client, { lines, events }, signal) {
  const answer = await client.json(
    {
      method: "POST",
      path: "/_bulk",
      query: {
        filter_path: "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
      },
      lines,
      timeout: TIMEOUT
    },
    signal
  );
  if (answer.errors === false) return [];
  const items = (answer.items ?? []).map((item) => Object.values(item)[0]);
  if (answer.errors !== true || items.length !== events.length || items.some((item) => item === void 0)) {
    throw new LogsError("REMOTE_FAILED", `${client.url.shown} answers something other than the outcome of a bulk`, {
      hint: "is there something between it and us that changes answers?"
    });
  }
  return items;
}

// src/lib/adapters/elasticsearch/bulk/index-of-day.ts
function indexOfDay(base) {
  let from = 1n;
  let to = 0n;
  let name = "";
  return (ts) => {
    const at = heldTime(ts);
    if (at < from || at >= to) {
      from = at - at % DAY_NS;
      to = from + DAY_NS;
      name = `${base}-${formatTime(at).slice(0, 10).replaceAll("-", ".")}`;
    }
    return name;
  };
}

// src/lib/adapters/elasticsearch/client.ts
import { readFileSync as readFileSync2 } from "node:fs";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

// src/lib/adapters/elasticsearch/client-api.ts
import { Client, errors, Serializer, Transport } from "@elastic/elasticsearch";

// src/lib/adapters/elasticsearch/url.ts
import { isIPv6 } from "node:net";

// src/lib/query/nearest.ts
function nearest(word, known) {
  const wanted = word.toLowerCase();
  let best;
  let least = Math.min(2, Math.ceil(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits < least) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}
function distance(a, b) {
  let beforeLast = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same2 = a[row - 1] === b[column - 1];
      let edits = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same2 ? 0 : 1)
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

// src/lib/config/secrets.ts
import { readFileSync } from "node:fs";
var PLACEHOLDER = /\$\{(env|file):([^}]*)\}/g;
function resolveSecrets(text, from = () => void 0) {
  return text.replace(PLACEHOLDER, (placeholder, kind, name) => {
    const value = kind === "env" ? variable(name, placeholder) : contentOf(name, placeholder);
    from(value);
    return value;
  });
}
function variable(name, placeholder) {
  const value = process.env[name];
  if (value === void 0) {
    throw new LogsError("CONFIG", `${placeholder}: the environment variable ${name} is not set`, {
      hint: `export ${name}=\u2026 before the command, or use \${file:PATH}`
    });
  }
  return value;
}
function contentOf(path, placeholder) {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new LogsError("CONFIG", `${placeholder}: cannot read it: ${systemReason(error)}`, {
      hint: "the file holds the secret alone, and only its owner may read it",
      cause: error
    });
  }
}

// src/lib/config/remote-url.ts
var SCHEMES = {
  kafka: { scheme: "kafka", tls: false, port: 9092 },
  "kafka+tls": { scheme: "kafka", tls: true, port: 9093 },
  es: { scheme: "es", tls: false, port: 9200 },
  "es+https": { scheme: "es", tls: true, port: 9200 },
  opensearch: { scheme: "opensearch", tls: false, port: 9200 },
  "opensearch+https": { scheme: "opensearch", tls: true, port: 9200 }
};
var SECRET_PARAMS = /* @__PURE__ */ new Set(["api-key", "key-passphrase", "token"]);
var URL_PARTS = /^([a-z0-9+]+):\/\/(?:([^@/?]*)@)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/is;
function parseRemoteUrl(text, params) {
  const kept = [];
  const plain2 = text.replace(/\$\{(?:env|file):[^}]*\}/g, (placeholder) => `${kept.push(placeholder) - 1}`);
  const parts = URL_PARTS.exec(plain2);
  const known = parts?.[1] === void 0 ? void 0 : SCHEMES[parts[1].toLowerCase()];
  if (parts === null || known === void 0) {
    throw new LogsError("USAGE", `${hideSecrets(text)} is no address`, {
      hint: `it begins with ${Object.keys(SCHEMES).join("://, ")}://`
    });
  }
  const [, scheme, login, hosts = "", path = "", query] = parts;
  const values = [];
  const read = (part) => part.split(/(\u0001\d+\u0001)/).map((piece) => {
    const at = /^\u0001(\d+)\u0001$/.exec(piece)?.[1];
    if (at === void 0) return decode2(piece, text);
    return resolveSecrets(kept[Number(at)], (value) => values.push(value));
  }).join("");
  const [user, ...rest] = login === void 0 ? [] : login.split(":");
  const password = rest.length === 0 ? void 0 : rest.join(":");
  const settings = /* @__PURE__ */ new Map();
  let exposed = password !== void 0 && !/^\u0001\d+\u0001$/.test(password);
  for (const pair of query === void 0 || query === "" ? [] : query.split("&")) {
    const at = pair.indexOf("=");
    const name = decode2(at === -1 ? pair : pair.slice(0, at), text);
    if (!params.includes(name)) throw unknownParam(name, params, text);
    if (settings.has(name)) throw new LogsError("USAGE", `${name} stands twice in ${hideSecrets(text)}`);
    const value = at === -1 ? "" : pair.slice(at + 1);
    exposed ||= SECRET_PARAMS.has(name) && !/^\u0001\d+\u0001$/.test(value);
    settings.set(name, at === -1 ? "true" : read(value));
  }
  const shownLogin = user === void 0 ? "" : `${decode2(user.replace(/\u0001\d+\u0001/g, "***"), text)}@`;
  return {
    scheme: known.scheme,
    tls: known.tls,
    hosts: hosts.split(",").map((host) => hostOf(read(host), known.port, text)),
    user: user === void 0 ? void 0 : read(user),
    password: password === void 0 ? void 0 : read(password),
    path: path.split("/").filter((part) => part !== "").map(read),
    params: settings,
    shown: `${scheme?.toLowerCase()}://${shownLogin}${hosts.replace(/\u0001\d+\u0001/g, "***")}${path.replace(/\u0001\d+\u0001/g, "***")}`,
    exposed
  };
}
function hideSecrets(text) {
  return text.replace(/^([a-z0-9+]+:\/\/[^:@/?]*):.*?@(?=[^@/?]*(?:[/?]|$))/is, "$1:***@").replace(/([?&](?:api-key|key-passphrase|token)=)[^&]*/g, "$1***");
}
function hostOf(text, port, url2) {
  const [, bracketed, bare, given] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = bracketed ?? bare;
  if (host === void 0 || given !== void 0 && (Number(given) < 1 || Number(given) > 65535)) {
    throw new LogsError("USAGE", `${JSON.stringify(text)} in ${hideSecrets(url2)} is no host`, {
      hint: "write host, host:port or [IPv6]:port; several with commas between them"
    });
  }
  return { host, port: given === void 0 ? port : Number(given) };
}
function decode2(text, url2) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new LogsError("USAGE", `${hideSecrets(url2)} has a % that is no escape`, {
      hint: "write % as %25",
      cause: error
    });
  }
}
function unknownParam(name, params, text) {
  const meant = nearest(name, params);
  const known = params.length === 0 ? "it takes none" : `known are ${[...params].sort().join(", ")}`;
  return new LogsError("USAGE", `unknown setting ${JSON.stringify(name)} in ${hideSecrets(text)}`, {
    hint: meant === void 0 ? known : `did you mean ${meant}? ${known}`
  });
}

// src/lib/adapters/elasticsearch/url.ts
var CONNECTION_PARAMS = ["api-key", "ca", "cert", "key", "insecure", "compression"];
var WRITE_PARAMS = ["original", "datastream", "init", "conflicts"];
var DEFAULT_BASE = "logs";
function parseElasticsearchUrl(text) {
  const url2 = parseRemoteUrl(text, [...CONNECTION_PARAMS, ...WRITE_PARAMS]);
  for (const [name, allowed] of CHOICES) choice(url2, name, allowed);
  if (url2.params.has("api-key") && url2.user !== void 0) {
    throw new LogsError("USAGE", `${url2.shown} has a user and an api-key`, { hint: "leave one of them out" });
  }
  if (url2.params.has("key") !== url2.params.has("cert")) {
    throw new LogsError("USAGE", `${url2.shown}: cert and key go together`, {
      hint: "give both, or neither"
    });
  }
  return url2;
}
var SWITCH = ["true", "false"];
var CHOICES = [
  ["insecure", SWITCH],
  ["original", SWITCH],
  ["init", SWITCH],
  ["compression", ["gzip", "none"]],
  ["conflicts", ["reject", "unindexed"]]
];
function choice(url2, name, allowed) {
  const value = url2.params.get(name);
  if (value === void 0 || allowed.includes(value)) return;
  throw new LogsError("USAGE", `${name}=${value} in ${url2.shown} means nothing`, {
    hint: `it is one of ${allowed.join(", ")}`
  });
}
function isOn(url2, name, otherwise = false) {
  const value = url2.params.get(name);
  return value === void 0 ? otherwise : value === "true";
}
function nodesOf(url2) {
  return url2.hosts.map(
    ({ host, port }) => `${url2.tls ? "https" : "http"}://${isIPv6(host) ? `[${host}]` : host}:${port}`
  );
}
function isLoopback(url2) {
  return url2.hosts.every(({ host }) => host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host));
}
function indexBase(url2) {
  if (url2.path.length > 1) {
    throw new LogsError("USAGE", `${url2.shown} names ${url2.path.length} things`, {
      hint: "write es://HOST/NAME: NAME is what the daily indices begin with"
    });
  }
  const base = url2.path[0] ?? DEFAULT_BASE;
  if (!isIndexName(base)) {
    throw new LogsError("USAGE", `${JSON.stringify(base)} in ${url2.shown} cannot be the name of an index`, {
      hint: "lower-case letters, digits, - _ and . ; not - _ + or . first"
    });
  }
  return base;
}
function isIndexName(name) {
  return name.length <= 200 && /^[^-_+.\s][^\s\\/*?"<>|,#:]*$/.test(name) && name === name.toLowerCase();
}

// src/lib/adapters/elasticsearch/client.ts
var TIMEOUT_MS = 3e4;
var PlainTransport = class extends Transport {
  constructor(options) {
    const { productCheck: _, ...rest } = options;
    super({
      ...rest,
      vendoredHeaders: {
        jsonContentType: "application/json",
        ndjsonContentType: "application/x-ndjson",
        accept: "application/json"
      }
    });
  }
};
var TextSerializer = class extends Serializer {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the client's own signature
  deserialize(text) {
    return text;
  }
};
function openClient(url2, warn = () => void 0) {
  const insecure = isOn(url2, "insecure");
  if (insecure && url2.tls)
    warn(`${url2.shown}: insecure=true: whoever answers is trusted with the password and the logs`);
  const apiKey = url2.params.get("api-key");
  const file2 = (name) => {
    const path = url2.params.get(name);
    return path === void 0 ? {} : { [name]: readPem(path, name, url2) };
  };
  const client = new Client({
    nodes: nodesOf(url2),
    Transport: PlainTransport,
    Serializer: TextSerializer,
    maxRetries: 0,
    sniffOnStart: false,
    sniffInterval: false,
    sniffOnConnectionFault: false,
    enableMetaHeader: false,
    ...apiKey === void 0 ? {} : { auth: { apiKey } },
    ...url2.user === void 0 ? {} : { auth: { username: url2.user, password: url2.password ?? "" } },
    ...url2.tls ? { tls: { ...file2("ca"), ...file2("cert"), ...file2("key"), rejectUnauthorized: !insecure } } : {}
  });
  const isGzip = (url2.params.get("compression") ?? (isLoopback(url2) ? "none" : "gzip")) === "gzip";
  const ask = (request, signal) => send({ client, url: url2, isGzip }, request, signal);
  return {
    url: url2,
    ask,
    json: async (request, signal) => {
      const { text } = await ask(request, signal);
      try {
        return JSON.parse(text);
      } catch (error) {
        throw new LogsError("REMOTE_UNSUITABLE", `${url2.shown} answers with something other than JSON`, {
          hint: "is it Elasticsearch or OpenSearch, and nothing in between?",
          cause: error
        });
      }
    },
    close: () => client.close()
  };
}
async function send({ client, url: url2, isGzip }, request, outer) {
  outer?.throwIfAborted();
  const ms = request.timeout ?? TIMEOUT_MS;
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  outer?.addEventListener("abort", onAbort, { once: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, ms);
  try {
    const sent = isGzip ? await zip(request) : plain(request);
    const { statusCode, headers, body } = await client.transport.request(
      {
        method: request.method,
        path: request.path,
        ...request.query === void 0 ? {} : { querystring: request.query },
        ...sent.body === void 0 ? {} : { body: sent.body }
      },
      // Every status is an answer here.
      { signal: stop.signal, meta: true, ignore: ALL_STATUSES, headers: sent.headers }
    );
    const status = statusCode ?? 0;
    const text = typeof body === "string" ? body : "";
    if (status >= 400 && request.allow?.includes(status) !== true) {
      throw statusFailure(url2, status, text, single(headers?.["retry-after"]));
    }
    return { status, headers: headers ?? {}, text };
  } catch (error) {
    if (error instanceof LogsError) throw error;
    outer?.throwIfAborted();
    if (late) throw timeoutFailure(url2, ms);
    throw error instanceof errors.ElasticsearchClientError ? connectionFailure(url2, error) : error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", onAbort);
  }
}
function plain({ body, lines }) {
  if (lines !== void 0)
    return { body: lines, headers: { "content-type": "application/x-ndjson", accept: JSON_TYPE } };
  if (body === void 0) return { body, headers: { accept: JSON_TYPE } };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { body: text, headers: { "content-type": JSON_TYPE, accept: JSON_TYPE } };
}
var JSON_TYPE = "application/json";
var MIN_GZIP = 1024;
var gzipped = promisify(gzip);
async function zip(request) {
  const { body, headers } = plain(request);
  const accepting = { ...headers, "accept-encoding": "gzip,deflate" };
  if (body === void 0 || body.length < MIN_GZIP) return { body, headers: accepting };
  const packed = await gzipped(body, { level: constants.Z_BEST_SPEED });
  return { body: packed, headers: { ...accepting, "content-encoding": "gzip" } };
}
var ALL_STATUSES = Array.from({ length: 200 }, (_, index) => 400 + index);
function single(header) {
  return Array.isArray(header) ? header[0] : header;
}
function readPem(path, name, url2) {
  try {
    return readFileSync2(path);
  } catch (error) {
    throw new LogsError("CONFIG", `${name}=${path} of ${url2.shown}: cannot read it: ${systemReason(error)}`, {
      hint: "it is a file in PEM form",
      cause: error
    });
  }
}

// src/lib/adapters/elasticsearch/cluster.ts
var NAMES = { elasticsearch: "Elasticsearch", opensearch: "OpenSearch" };
var SUPPORTED = { elasticsearch: [8, 9], opensearch: [2, 3] };
async function findCluster(client, signal) {
  const root = await client.ask({ method: "GET", path: "/", allow: [403, 404, 405] }, signal);
  const seen = root.status === 200 ? fromRoot(root) : void 0;
  const cluster = seen ?? await fromNode(client, root, signal);
  const supported = SUPPORTED[cluster.product];
  if (cluster.major !== void 0 && !supported.includes(cluster.major)) {
    throw new LogsError("REMOTE_UNSUITABLE", `${client.url.shown} is ${nameOf(cluster)}`, {
      hint: "Elasticsearch 8 and 9 and OpenSearch 2 and 3 are supported"
    });
  }
  return cluster;
}
function nameOf({ product, version }) {
  return version === void 0 ? NAMES[product] : `${NAMES[product]} ${version}`;
}
function fromRoot(answer) {
  const body = parse(answer.text);
  const number = body?.version?.number;
  if (typeof number !== "string") return void 0;
  const isOpenSearch = body?.version?.distribution === "opensearch" || String(body?.tagline).includes("OpenSearch");
  if (isOpenSearch) return versioned("opensearch", body?.version?.distribution === "opensearch" ? number : void 0);
  if (body?.tagline !== "You Know, for Search" && answer.headers["x-elastic-product"] !== "Elasticsearch")
    return void 0;
  return versioned("elasticsearch", number);
}
async function fromNode(client, root, signal) {
  const isElastic = root.headers["x-elastic-product"] === "Elasticsearch";
  const answer = await client.ask(
    { method: "GET", path: "/_nodes/_local", query: { filter_path: "nodes.*.version" }, allow: [400, 403, 404, 405] },
    signal
  );
  const nodes = parse(answer.text)?.nodes;
  const version = Object.values(nodes ?? {})[0]?.version;
  if (typeof version === "string") return versioned(isElastic ? "elasticsearch" : "opensearch", version);
  if (isElastic) return versioned("elasticsearch", void 0);
  if (answer.status === 403 && /security_exception|no permissions/.test(answer.text))
    return versioned("opensearch", void 0);
  throw new LogsError("REMOTE_UNSUITABLE", `${client.url.shown} answers, but is neither Elasticsearch nor OpenSearch`, {
    hint: "check the port: 9200 is the usual one"
  });
}
function versioned(product, version) {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  return {
    product,
    version,
    major: major === void 0 ? void 0 : Number(major),
    minor: minor === void 0 ? void 0 : Number(minor)
  };
}
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}

// src/lib/adapters/elasticsearch/template/words.ts
var WORDS2 = "logs_words";
function wordAnalysis() {
  return {
    char_filter: { logs_fold: { type: "mapping", mappings: FOLDINGS } },
    tokenizer: { logs_runs: { type: "pattern", pattern: "[\\p{L}\\p{M}\\p{Nd}_]+", group: 0 } },
    // Lucene refuses the whole document for a word above 32,766 bytes.
    filter: { logs_cut: { type: "truncate", length: MAX_KEYWORD } },
    analyzer: {
      [WORDS2]: {
        type: "custom",
        char_filter: ["logs_fold"],
        tokenizer: "logs_runs",
        filter: ["lowercase", "logs_cut"]
      }
    }
  };
}
var FOLDINGS = [
  "\xB5 => \u03BC",
  "\u0345 => \u03B9",
  "\u03C2 => \u03C3",
  "\u03D0 => \u03B2",
  "\u03D1 => \u03B8",
  "\u03D5 => \u03C6",
  "\u03D6 => \u03C0",
  "\u03F0 => \u03BA",
  "\u03F1 => \u03C1",
  "\u03F5 => \u03B5",
  "\u1C80 => \u0432",
  "\u1C81 => \u0434",
  "\u1C82 => \u043E",
  "\u1C83 => \u0441",
  "\u1C84 => \u0442",
  "\u1C85 => \u0442",
  "\u1C86 => \u044A",
  "\u1C87 => \u0463",
  "\u1C88 => \uA64B",
  "\u1E9B => \u1E61",
  "\u1FBE => \u03B9",
  "\u0130 => \uA7F7i",
  "\u212A => \uA7F7k"
];

// src/lib/adapters/elasticsearch/template/mapping.ts
var TEMPLATE_VERSION = 1;
var KEYWORD = { type: "keyword", ignore_above: MAX_KEYWORD };
var NUMBER4 = { ...KEYWORD, fields: { num: { type: "double", ignore_malformed: true, coerce: true } } };
var TIME = { type: "date_nanos", format: "strict_date_optional_time_nanos||epoch_millis" };
function mappingOf(words) {
  const text = { type: "text", norms: false, ...words === "ours" ? { analyzer: WORDS2 } : {} };
  const mark = { version: TEMPLATE_VERSION, words };
  return {
    _meta: { logs: mark },
    date_detection: false,
    // A field whose first value is the string "500" gets its numbers too.
    numeric_detection: true,
    dynamic_templates: [
      ...textTemplates(text),
      { strings: { match_mapping_type: "string", mapping: KEYWORD } },
      { integers: { match_mapping_type: "long", mapping: NUMBER4 } },
      { decimals: { match_mapping_type: "double", mapping: NUMBER4 } },
      { booleans: { match_mapping_type: "boolean", mapping: KEYWORD } }
    ],
    properties: {
      "@timestamp": TIME,
      received_at: TIME,
      ...Object.fromEntries(KEYWORDS.map((name) => [name, KEYWORD])),
      message: text,
      stack: text,
      error: { properties: { message: text, stack_trace: text } },
      exception: { type: "object" },
      event: { properties: { original: { type: "keyword", index: false, doc_values: false } } },
      [BESIDE]: { type: "object" },
      [INEXACT]: { type: "keyword" },
      [REST]: { type: "object", enabled: false }
    }
  };
}
var KEYWORDS = [
  "level",
  "service",
  "host",
  "trace_id",
  "span_id",
  "tenant",
  "log_id",
  "pod",
  "pod_id",
  "user_id",
  "request_id"
];
function textTemplates(text) {
  const templates = [];
  for (const path of ["exception.*", `${BESIDE}.exception`, `${BESIDE}.exception.*`]) {
    for (const type of ["string", "long", "double", "boolean"]) {
      templates.push({ [`${path} ${type}`]: { path_match: path, match_mapping_type: type, mapping: text } });
    }
  }
  for (const path of ["stack", "error.message", "error.stack_trace"].map((name) => `${BESIDE}.${name}`)) {
    templates.push({ [path]: { path_match: path, match_mapping_type: "string", mapping: text } });
  }
  return templates;
}

// src/lib/adapters/elasticsearch/template/template.ts
var DEFAULT_SETTINGS = { shards: 5, replicas: 1, refresh: "5s" };
var PRIORITY = 200;
var MAX_FIELDS2 = 1e3;
function templateName(base) {
  return `logs-toolkit-${base}`;
}
function patternsOf(base) {
  return [`${base}-19*.*.*`, `${base}-20*.*.*`, `${base}-21*.*.*`, `${base}-22*.*.*`];
}
function templateOf({ base, dataStream, cluster, words, settings, policy }) {
  const mark = { version: TEMPLATE_VERSION, words };
  return {
    index_patterns: dataStream ? [base] : patternsOf(base),
    priority: PRIORITY,
    version: TEMPLATE_VERSION,
    ...dataStream ? { data_stream: {} } : {},
    template: {
      settings: {
        index: {
          number_of_shards: settings.shards,
          number_of_replicas: settings.replicas,
          refresh_interval: settings.refresh,
          codec: "best_compression",
          "mapping.total_fields.limit": MAX_FIELDS2,
          ...ignoresExtraFields(cluster) ? { "mapping.total_fields.ignore_dynamic_beyond_limit": true } : {},
          ...policy !== void 0 && cluster.product === "elasticsearch" ? { "lifecycle.name": policy } : {}
        },
        ...words === "ours" ? { analysis: wordAnalysis() } : {}
      },
      mappings: mappingOf(words)
    },
    _meta: { logs: mark, description: "written by logs index init" }
  };
}
function ignoresExtraFields({ product, major, minor }) {
  if (product !== "elasticsearch") return false;
  return major === 9 || major === 8 && (minor ?? 0) >= 14;
}

// src/lib/adapters/elasticsearch/template/install.ts
async function findTemplate(client, base, signal) {
  const { status, text } = await client.ask(
    { method: "GET", path: `/_index_template/${encodeURIComponent(templateName(base))}`, allow: [403, 404] },
    signal
  );
  if (status === 403) return { state: "forbidden" };
  if (status === 404) return { state: "missing" };
  const [found] = JSON.parse(text).index_templates ?? [];
  const mark = found?.index_template?._meta?.logs;
  if (found === void 0) return { state: "missing" };
  return isMark(mark) ? { state: "ours", mark } : { state: "foreign" };
}
function isMark(value) {
  return typeof value === "object" && value !== null && typeof value.version === "number";
}
function refuseNewer(client, base, found) {
  if (found.state !== "ours" || found.mark.version <= TEMPLATE_VERSION) return;
  throw new LogsError(
    "REMOTE_UNSUITABLE",
    `${client.url.shown}: the template ${templateName(base)} is of version ${found.mark.version}; this program knows ${TEMPLATE_VERSION}`,
    { hint: "use the version of logs that made it, or another name behind the host" }
  );
}
async function installTemplate(client, options, signal) {
  const path = `/_index_template/${encodeURIComponent(templateName(options.base))}`;
  const put = (words, allow) => client.ask({ method: "PUT", path, body: templateOf({ ...options, words }), allow }, signal);
  const first = await put("ours", [400]);
  if (first.status < 400) return "ours";
  if (/Unknown (?:char_filter|tokenizer|token filter|filter) type/i.test(first.text)) {
    await put("plain", []);
    return "plain";
  }
  throw new LogsError(
    "REMOTE_UNSUITABLE",
    `${client.url.shown} refuses the index template: ${complaintOf(first.text).reason}`,
    {
      hint: "another template with the same patterns and priority may stand in its way: GET /_index_template lists them"
    }
  );
}
async function dataNodes(client, signal) {
  const { status, text } = await client.ask(
    { method: "GET", path: "/_cluster/health", query: { filter_path: "number_of_data_nodes" }, allow: [403] },
    signal
  );
  const nodes = status === 200 ? JSON.parse(text).number_of_data_nodes : void 0;
  return typeof nodes === "number" ? nodes : void 0;
}

// src/lib/adapters/elasticsearch/elasticsearch-sink.ts
var LIMITS = { events: 5e3, bytes: 8 * 1024 * 1024, inFlight: 16 };
function openElasticsearchSink(address, tell) {
  const url2 = parseElasticsearchUrl(address);
  const target = targetOf(url2);
  const settings = {
    target: {
      index: target.dataStream ? () => target.base : indexOfDay(target.base),
      options: { original: isOn(url2, "original") }
    },
    unindexed: url2.params.get("conflicts") === "unindexed"
  };
  const client = openClient(url2, tell);
  const mint = createMint();
  const underWay = /* @__PURE__ */ new Set();
  let unparsed = 0;
  return {
    name: url2.shown,
    limits: LIMITS,
    check: (signal) => checkTarget(client, target, tell, signal),
    send: async (batch, signal) => {
      const written = writeBatch(client, mint(batch), settings, signal);
      underWay.add(written);
      try {
        const { unparsed: more, ...delivery } = await written;
        unparsed += more;
        return delivery;
      } finally {
        underWay.delete(written);
      }
    },
    marks: async () => /* @__PURE__ */ new Map(),
    unparsed: () => unparsed,
    close: async () => {
      await Promise.allSettled(underWay);
      await client.close();
    }
  };
}
function targetOf(url2) {
  const stream = url2.params.get("datastream");
  if (stream === void 0) return { base: indexBase(url2), dataStream: false };
  if (url2.path.length > 0 || !isIndexName(stream)) {
    throw new LogsError("USAGE", `datastream=${stream} in ${url2.shown} cannot be the name of a data stream here`, {
      hint: "write es://HOST/?datastream=NAME: lower-case letters, digits, - _ and ."
    });
  }
  return { base: stream, dataStream: true };
}
async function checkTarget(client, { base, dataStream }, tell, signal) {
  const { url: url2 } = client;
  const cluster = await findCluster(client, signal);
  if (cluster.product === "elasticsearch") await checkPrivileges(client, base, dataStream, signal);
  const found = await findTemplate(client, base, signal);
  refuseNewer(client, base, found);
  const name = templateName(base);
  const isCurrent = found.state === "ours" && found.mark.version === TEMPLATE_VERSION;
  if (isCurrent || found.state === "foreign") return;
  if (!isOn(url2, "init", true)) {
    tell(
      `${url2.shown}: there is no index template ${name}: the server guesses what fields are (logs index init makes it)`
    );
    return;
  }
  const replicas = await dataNodes(client, signal) === 1 ? 0 : DEFAULT_SETTINGS.replicas;
  try {
    const settings = { ...DEFAULT_SETTINGS, replicas };
    const words = await installTemplate(client, { base, dataStream, cluster, settings, policy: void 0 }, signal);
    tell(
      `${url2.shown}: made the index template ${name}: ${settings.shards} shards, ${replicas} replicas${replicas === 0 ? " (one node)" : ""}${words === "plain" ? ", words of the standard analyzer" : ""}; logs index init sets others`
    );
  } catch (error) {
    if (!(error instanceof LogsError) || error.code !== "REMOTE_DENIED") throw error;
    tell(`${url2.shown}: may not make the index template ${name}: ask its owner to run logs index init`);
  }
}
async function checkPrivileges(client, base, dataStream, signal) {
  const index = dataStream ? base : `${base}-2026.01.01`;
  const { status, text } = await client.ask(
    {
      method: "POST",
      path: "/_security/user/_has_privileges",
      body: { index: [{ names: [index], privileges: ["create_doc"] }] },
      allow: [400, 403, 404, 405, 500]
    },
    signal
  );
  if (status !== 200 || JSON.parse(text).has_all_requested !== false) return;
  throw new LogsError(
    "REMOTE_DENIED",
    `${client.url.shown} does not let ${client.url.user ?? "this key"} write to ${index}`,
    {
      hint: "give the login the privileges create_doc and auto_configure on the indices"
    }
  );
}

// ../t3.mts
import { readFileSync as readFileSync3 } from "node:fs";
var [, , url, file] = process.argv;
var sink = openElasticsearchSink(url, (t) => console.error("tell:", t));
var s = new AbortController().signal;
try {
  await sink.check(s);
  const all = readFileSync3(file);
  let at = 0, n = 0;
  const t = Date.now();
  const flying = [];
  while (at < all.length) {
    let end = at, lines = 0;
    while (lines < 5e3 && end < all.length) {
      const i = all.indexOf(10, end);
      end = i < 0 ? all.length : i + 1;
      lines++;
      if (end - at > 8 << 20) break;
    }
    flying.push(sink.send({ bytes: all.subarray(at, end), lines, events: lines, context: { file } }, s));
    n += lines;
    at = end;
    if (flying.length >= 4) await flying.shift();
  }
  const rs = await Promise.all(flying);
  console.log(n, "events", n / (Date.now() - t) * 1e3 | 0, "/s", JSON.stringify(rs.at(-1)).slice(0, 600));
} catch (e) {
  console.log(e.code, e.message, "|", e.hint, e.code ? "" : e.stack);
}
await sink.close();
