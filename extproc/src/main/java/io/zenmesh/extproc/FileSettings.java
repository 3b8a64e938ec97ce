package io.zenmesh.extproc;

import io.zenmesh.extproc.server.Door;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.standalone.ConfigWatch;
import io.zenmesh.extproc.standalone.UnusableConfigException;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneConfig.Listen;
import io.zenmesh.xds.standalone.StandaloneConfig.Replay;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The settings of a processor without a control plane. */
final class FileSettings {
  private FileSettings() {}

  /**
   * Reads a file and everything it refers to.
   *
   * @throws UnusableConfigException with every problem of the file
   * @throws IllegalArgumentException when an identity or a password cannot be read
   */
  static Settings read(
      Path file, Clock clock, Function<String, Optional<String>> environment, Optional<Path> state)
      throws UnusableConfigException {
    ConfigWatch.Start start = ConfigWatch.read(file, Catalogue.bundled(), environment);
    StandaloneConfig config = start.config();
    return new Settings(
        new Settings.Source.File(start),
        door(config.listen(), clock),
        switch (config.listen()) {
          case Listen.Socket(Path path) -> "socket=" + path;
          case Listen.Tls tls -> "address=" + tls.address();
        },
        switch (config.replay()) {
          case Replay.Memory() -> Optional.empty();
          case Replay.Redis redis ->
              Optional.of(
                  new Settings.Redis(
                      redis.address(),
                      redis.user(),
                      ConfigWatch.password(redis.passwordFile()),
                      ServeOptions.readable(
                          "replay.redis.identity", redis.identity().directory())));
        },
        config
            .admin()
            .map(admin ->
                new Settings.Admin(
                    address(admin.address()),
                    admin
                        .identity()
                        .map(it -> ServeOptions.readable("admin.identity", it.directory())))),
        state,
        Optional.empty());
  }

  private static Door door(Listen listen, Clock clock) {
    return switch (listen) {
      case Listen.Socket(Path path) -> Door.socket(path);
      case Listen.Tls tls ->
          Door.tls(
              address(tls.address()),
              ServeOptions.readable("listen.identity", tls.identity().directory()),
              Set.copyOf(tls.clients().spiffeIds()),
              Set.copyOf(tls.clients().sans()),
              clock);
    };
  }

  /** Literal, so that no name is looked up. */
  private static InetSocketAddress address(HostPort address) {
    return new InetSocketAddress(address.host(), address.port());
  }
}
