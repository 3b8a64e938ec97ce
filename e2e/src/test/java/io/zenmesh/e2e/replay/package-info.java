/**
 * Proves that a message is accepted exactly once on all nodes together, because they share one
 * store.
 */
@NullMarked
package io.zenmesh.e2e.replay;

import org.jspecify.annotations.NullMarked;
