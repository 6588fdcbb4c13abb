// SPDX-License-Identifier: Apache-2.0
// Looks for a secret in bytes, in every form in which somebody could have written it down.

export const contains = (bytes, text) => bytes.includes(Buffer.from(text, 'utf8'));
