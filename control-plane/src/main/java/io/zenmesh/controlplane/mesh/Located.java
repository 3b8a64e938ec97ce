package io.zenmesh.controlplane.mesh;

/**
 * A value and the line it was read from.
 *
 * @param line counted from 1
 */
record Located<T>(int line, T value) {}
