/** Weakened snapshots, and whether the linter sees it. */
@NullMarked
package io.zenmesh.xds.lint;

import org.jspecify.annotations.NullMarked;
