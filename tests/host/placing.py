"""Where tests put kernels."""

from jupyter_client.provisioning import LocalProvisioner


class Elsewhere(LocalProvisioner):
    """Starts kernels as others would, and says so in their environment."""

    async def pre_launch(self, **options):
        options["env"]["PLACED"] = "elsewhere"
        return await super().pre_launch(**options)
