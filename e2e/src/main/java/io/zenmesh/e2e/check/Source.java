package io.zenmesh.e2e.check;

import io.zenmesh.xds.model.EndpointRef;
import java.nio.file.Path;

/**
 * A provider that sends to one endpoint: where to, how it signs, and the file with its secret.
 *
 * @param ref the endpoint
 * @param scheme the catalogue name of how it signs
 * @param host the host name it connects to
 * @param path the path it posts to
 * @param secretFile the secret as the provider shows it; one trailing newline is dropped
 */
public record Source(EndpointRef ref, String scheme, String host, String path, Path secretFile) {}
