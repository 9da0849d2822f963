/* What is used of WebAssembly's interface for JavaScript: the types of Node.js 20 do not have it. */
declare namespace WebAssembly {
  type Module = object;
  const Module: new (bytes: Uint8Array) => Module;

  class Instance {
    constructor(module: Module, imports: { readonly [module: string]: { readonly [name: string]: unknown } });
    readonly exports: { readonly [name: string]: unknown };
  }

  interface Memory {
    readonly buffer: ArrayBuffer;
  }

  interface Global<Value = number> {
    readonly value: Value;
  }
}
