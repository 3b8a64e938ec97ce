package io.zenmesh.controlplane.tenant;

class MemoryPrincipalsTest extends PrincipalStoreContract {
  private final MemoryPrincipals memory = new MemoryPrincipals("acme", "globex");

  @Override
  protected PrincipalStore store() {
    return memory;
  }

  @Override
  protected TenantStore tenants() {
    return memory;
  }
}
