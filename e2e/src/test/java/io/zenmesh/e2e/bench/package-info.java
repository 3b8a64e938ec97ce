/** Tests of the benchmark's arithmetic and of its load client. */
@NullMarked
package io.zenmesh.e2e.bench;

import org.jspecify.annotations.NullMarked;
