using Titer.Models.Memory;
using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>What a checkpoint's <c>config.json</c> says about sizes, without its weights and without torch.</summary>
public static class CheckpointShape
{
    /// <exception cref="CheckpointException">Missing, malformed, or an architecture or setting that is not computed here.</exception>
    public static ModelShape In(string folder) => Architectures.In(folder).ToShape();

    /// <summary>What says how much memory a model takes.</summary>
    /// <inheritdoc cref="In"/>
    public static ModelDimensions Dimensions(string folder) => Architectures.In(folder).Dimensions();
}
