export type SqlParam = string | bigint | number;

/** A text as an SQL literal: for file names, which cannot be bound as parameters everywhere. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** What is quoted in SQL, where a `?` stands for itself, or a parameter. */
const QUOTED_OR_PARAMETER = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g;

/**
 * A statement with literals in the places of its parameters, of the types that they would be bound as: with parameters
 * it is planned twice, before they are bound and behind that. Undefined where it cannot be written so.
 */
export function withLiterals(sql: string, params: readonly SqlParam[]): string | undefined {
  // It would end the statement.
  if (params.some((param) => typeof param === 'string' && param.includes('\0'))) return undefined;
  let used = 0;
  const text = sql.replaceAll(QUOTED_OR_PARAMETER, (part) => {
    if (part !== '?') return part;
    const param = params[used++];
    return param === undefined ? part : literalOf(param);
  });
  return used === params.length ? text : undefined;
}

function literalOf(param: SqlParam): string {
  if (typeof param === 'string') return sqlText(param);
  return typeof param === 'bigint' ? `CAST(${param} AS BIGINT)` : `CAST('${param}' AS DOUBLE)`;
}
