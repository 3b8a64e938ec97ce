/**
 * Proves that no behaviour of the external processor, however wrong, lets an unverified request
 * reach the target, and that the proof gate is what makes it so.
 */
@NullMarked
package io.zenmesh.e2e.failclosed;

import org.jspecify.annotations.NullMarked;
