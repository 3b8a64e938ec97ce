package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * PostgreSQL 18 and Redis in containers, with the security of the embedded ones: TLS 1.3, client
 * certificates, SCRAM, six commands, nothing evicted.
 *
 * <p>Files are copied in, and given to the server's user there: it refuses keys of another's.
 */
final class ContainerStores implements AutoCloseable {
  private static final int POSTGRES_PORT = 5432;
  private static final int REDIS_PORT = 6379;
  private static final int PRIVATE = 0600;
  private static final String TLS = "/zen/";

  // The entry point sets the server up over a local socket, as the superuser.
  private static final String HBA =
      """
      local all postgres peer
      hostssl all postgres all cert
      hostssl all all all scram-sha-256 clientcert=verify-full
      """;

  private static final String POSTGRES =
      """
      chown -R postgres /zen
      exec docker-entrypoint.sh postgres -c hba_file=/zen/pg_hba.conf -c ssl=on \
        -c ssl_cert_file=/zen/svid.pem -c ssl_key_file=/zen/key.pem -c ssl_ca_file=/zen/bundle.pem \
        -c ssl_min_protocol_version=TLSv1.3 -c password_encryption=scram-sha-256
      """;

  private static final String REDIS =
      """
      chown -R redis /zen
      exec redis-server --port 0 --tls-port 6379 --tls-cert-file /zen/svid.pem \
        --tls-key-file /zen/key.pem --tls-ca-cert-file /zen/bundle.pem --tls-auth-clients yes \
        --tls-protocols TLSv1.3 --aclfile /zen/users.acl --save '' --maxmemory 256mb \
        --maxmemory-policy noeviction
      """;

  private final GenericContainer<?> postgres;
  private final GenericContainer<?> redis;

  private ContainerStores(GenericContainer<?> postgres, GenericContainer<?> redis) {
    this.postgres = postgres;
    this.redis = redis;
  }

  /** Starts both and makes the mesh's database and roles. */
  static ContainerStores start(MeshFiles files) throws IOException {
    ContainerStores stores =
        new ContainerStores(
            container("postgres:18.4", POSTGRES, POSTGRES_PORT, files.identity("postgres"))
                .withEnv("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
                .withEnv("POSTGRES_PASSWORD_FILE", TLS + "superuser")
                .withCopyToContainer(Transferable.of(HBA, PRIVATE), TLS + "pg_hba.conf")
                .withCopyToContainer(
                    Transferable.of(Files.readAllBytes(files.redisAdminPassword()), PRIVATE),
                    TLS + "superuser"),
            container("redis:8.2", REDIS, REDIS_PORT, files.identity("redis"))
                .withCopyToContainer(
                    Transferable.of(
                        RedisFiles.users(files.redisPassword(), files.redisAdminPassword()),
                        PRIVATE),
                    TLS + "users.acl"));
    try {
      stores.postgres.start();
      stores.redis.start();
      new PostgresRoles(stores.address(stores.postgres), files.identity("postgres-superuser"))
          .bootstrap(files.postgresCredentials(), MeshFiles.LOGIN_ROLES);
      return stores;
    } catch (RuntimeException e) {
      stores.close();
      throw e;
    }
  }

  private static GenericContainer<?> container(
      String image, String script, int port, IdentityFiles identity) throws IOException {
    return new GenericContainer<>(DockerImageName.parse(image))
        .withCreateContainerCmdModifier(command -> command.withEntrypoint("sh", "-c", script))
        .withExposedPorts(port)
        .withCopyToContainer(copy(identity.certificateChain()), TLS + "svid.pem")
        .withCopyToContainer(copy(identity.privateKey()), TLS + "key.pem")
        .withCopyToContainer(copy(identity.trustBundle()), TLS + "bundle.pem")
        .waitingFor(Wait.forListeningPort());
  }

  private static Transferable copy(Path file) throws IOException {
    return Transferable.of(Files.readAllBytes(file), PRIVATE);
  }

  private HostPort address(GenericContainer<?> container) {
    return new HostPort(container.getHost(), container.getFirstMappedPort());
  }

  /** What names them to a mesh. */
  Map<String, String> environment(MeshFiles files) {
    return Map.of(
        PostgresStore.URL,
        "postgresql://" + address(postgres) + "/" + EmbeddedPostgres.DATABASE,
        PostgresStore.CREDENTIALS,
        files.postgresCredentials().toString(),
        RedisStore.URL,
        "rediss://" + address(redis),
        RedisStore.PASSWORD_FILE,
        files.redisPassword().toString());
  }

  @Override
  public void close() {
    redis.stop();
    postgres.stop();
  }
}
