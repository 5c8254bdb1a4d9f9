/** The vendor's messages and our types. The only TypeScript that knows the vendor's names. */
export * from './ticks.js';
export * from './ids.js';
export * from './endpoint.js';
export * from './feature-order.js';
export * from './text.js';
export * from './signing.js';
export * from './request.js';
export * from './read-request.js';
export * from './response.js';
export * from './read-frame.js';
export * from './read-ranges.js';
export * from './expressions.js';
export * from './join.js';
export * from './frames.js';
export * from './error-codes.js';
export * from './interactive/index.js';
export * from './resume.js';
