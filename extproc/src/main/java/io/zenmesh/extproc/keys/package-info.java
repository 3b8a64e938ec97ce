/**
 * Fetches what senders' messages only name: key sets, signing certificates, confirmation pages;
 * over HTTPS, from public addresses, in the background, within bounds.
 */
@NullMarked
package io.zenmesh.extproc.keys;

import org.jspecify.annotations.NullMarked;
