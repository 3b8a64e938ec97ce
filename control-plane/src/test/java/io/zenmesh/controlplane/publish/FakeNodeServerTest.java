package io.zenmesh.controlplane.publish;

class FakeNodeServerTest extends NodeServerContract {
  @Override
  protected NodeServer server() {
    return new FakeNodeServer();
  }
}
