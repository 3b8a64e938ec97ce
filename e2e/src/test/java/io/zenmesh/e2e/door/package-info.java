/**
 * What the processor answers and lets on besides verified events: dry run, challenges, own schemes.
 */
@NullMarked
package io.zenmesh.e2e.door;

import org.jspecify.annotations.NullMarked;
