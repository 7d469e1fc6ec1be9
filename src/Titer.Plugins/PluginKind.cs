namespace Titer.Plugins;

/// <summary>Which interface of the SDK the entry type implements.</summary>
public enum PluginKind
{
    Defense,
    Attack,
    Metric,
}
