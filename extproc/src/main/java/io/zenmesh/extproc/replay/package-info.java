/**
 * Recognises messages that were accepted before: the port, its rules, and one adapter per store.
 */
@NullMarked
package io.zenmesh.extproc.replay;

import org.jspecify.annotations.NullMarked;
