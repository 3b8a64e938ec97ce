/**
 * Benchmarks on real Envoys: closed-loop load, arms in interleaved slices, CPU per request from the
 * kernel, medians of per-round ratios.
 */
@NullMarked
package io.zenmesh.e2e.bench;

import org.jspecify.annotations.NullMarked;
