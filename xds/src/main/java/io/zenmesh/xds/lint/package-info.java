/** Judges a snapshot, independently of the factories, before any node sees it. */
@NullMarked
package io.zenmesh.xds.lint;

import org.jspecify.annotations.NullMarked;
