/**
 * What answering a provider's question leaves to be done: secrets to keep, subscriptions to
 * confirm.
 */
@NullMarked
package io.zenmesh.extproc.challenge;

import org.jspecify.annotations.NullMarked;
