/**
 * The check: a sample target, wire-exact HTTP clients, and the scenarios that {@code ./zen up}
 * prints as a table and the end-to-end suites assert.
 */
@NullMarked
package io.zenmesh.e2e.check;

import org.jspecify.annotations.NullMarked;
