package io.zenmesh.controlplane.custody;

/**
 * What may be told of a secret: everything but its values.
 *
 * @param ref whose, and its name
 * @param type what it is for
 * @param declared whether the mesh file names it
 * @param fromFile whether its value comes from a file or variable that the mesh file points to
 * @param history all its versions
 */
public record SecretRecord(
    SecretRef ref, SecretType type, boolean declared, boolean fromFile, VersionHistory history) {}
