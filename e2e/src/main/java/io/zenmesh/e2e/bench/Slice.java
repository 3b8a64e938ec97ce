package io.zenmesh.e2e.bench;

import java.util.Map;

/**
 * One arm under load for a few seconds.
 *
 * @param requests answered with 200
 * @param failures answered otherwise, by status
 * @param perSecond how many of them a second
 * @param envoyMicros Envoy's processor time for each, in microseconds
 * @param processorMicros the external processor's
 * @param compilerMicros what of that its JVM's compilers took, less the longer it runs
 * @param p50Micros half of the answers came within
 * @param p99Micros 99 of 100 answers came within
 */
record Slice(
    long requests,
    Map<String, Integer> failures,
    double perSecond,
    double envoyMicros,
    double processorMicros,
    double compilerMicros,
    double p50Micros,
    double p99Micros) {
  Slice {
    failures = Map.copyOf(failures);
  }
}
