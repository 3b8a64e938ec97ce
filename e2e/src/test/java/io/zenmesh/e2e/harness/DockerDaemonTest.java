package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerDaemonTest {
  @TempDir Path folder;

  private DockerDaemon look(String host) {
    return DockerDaemon.look(Map.of("DOCKER_HOST", host));
  }

  /** Looks while something at the socket answers once with this. */
  private DockerDaemon lookAt(String answer) throws Exception {
    Path socket = folder.resolve("d.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      var _ = server.bind(UnixDomainSocketAddress.of(socket));
      Thread daemon =
          Thread.ofVirtual()
              .start(() -> {
                try (SocketChannel client = server.accept()) {
                  var _ = client.read(ByteBuffer.allocate(1_024));
                  var _ = client.write(StandardCharsets.US_ASCII.encode(answer));
                } catch (IOException closed) {
                  // The look has then failed, which the test sees.
                }
              });
      DockerDaemon found = look("unix://" + socket);
      daemon.join();
      return found;
    }
  }

  @Test
  void look_daemonAnswersPing_isThere() throws Exception {
    assertThat(lookAt("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK").answers()).isTrue();
  }

  @Test
  void look_socketAnswersOtherwise_isNotThere() throws Exception {
    assertThat(lookAt("HTTP/1.1 503 No\r\n\r\n").problem())
        .hasValueSatisfying(text -> assertThat(text).endsWith("answers 503"));
  }

  @Test
  void look_socketSpeaksSomethingElse_isNotThere() throws Exception {
    assertThat(lookAt("+PONG\r\n").answers()).isFalse();
  }

  @Test
  void look_noSocket_saysWhere() {
    assertThat(look("unix://" + folder.resolve("none")).problem())
        .contains("no Docker daemon: no " + folder.resolve("none"));
  }

  @Test
  void look_hostIsNoUnixSocket_saysWhatIsExpected() {
    assertThat(look("tcp://127.0.0.1:2375").problem())
        .isEqualTo(Optional.of("DOCKER_HOST: tcp://127.0.0.1:2375 (expected: unix://PATH)"));
  }
}
