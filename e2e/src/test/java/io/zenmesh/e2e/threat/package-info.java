/** Keeps docs/threat-model.md true: each threat id and the tests that bear it. */
@NullMarked
package io.zenmesh.e2e.threat;

import org.jspecify.annotations.NullMarked;
