import { types } from 'node:util';

// Jest runs tests in a realm of their own. Errors that Node's core makes (a connection reset) are of the outer realm, so
// `instanceof Error` is false for them here, and only here: the SDK then wraps them and their code is lost.
const ordinary = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, thrown: unknown): boolean {
    return (this === Error && types.isNativeError(thrown)) || ordinary.call(this as () => void, thrown);
  },
});
