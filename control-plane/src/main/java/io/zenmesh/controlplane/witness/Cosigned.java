package io.zenmesh.controlplane.witness;

import java.time.Instant;

/**
 * A checkpoint that a witness has cosigned.
 *
 * @param note the signed note, with the lines of the log and of the witness
 * @param size how many entries it covers
 * @param time when it was cosigned, as the witness says
 */
public record Cosigned(String note, long size, Instant time) {}
