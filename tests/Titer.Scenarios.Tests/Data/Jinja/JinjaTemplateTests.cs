using Titer.Scenarios.Data.Jinja;

namespace Titer.Scenarios.Tests.Data.Jinja;

/// <summary>What is written is what Jinja2 3.1 writes with the settings of Transformers (trim_blocks,
/// lstrip_blocks): the right values are its own.</summary>
public sealed class JinjaTemplateTests
{
    [Theory]
    [InlineData("{{ [1,2,3][::-1] | join(',') }}|{{ 'abcdef'[1:4] }}|{{ 'abcdef'[-2:] }}|{{ [1,2,3,4][1:] | last }}", "3,2,1|bcd|ef|4")]
    [InlineData("{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 + 3 * 4 }} {{ 'a' ~ 1 ~ none ~ true }}", "3 -4 2 3.5 14 a1NoneTrue")]
    [InlineData("{% set ns = namespace(x=0) %}{% for m in messages %}{% set ns.x = ns.x + 1 %}{% if loop.index0 == 1 %}{% break %}{% endif %}{{ "
        + "loop.index }}{% endfor %}={{ ns.x }}", "1=2")]
    [InlineData("{%- for m in messages -%}\n  {%- if not loop.first %}, {% endif -%}\n  {{ m.role }}\n{%- endfor %}\n",
        "system, user, assistant, user")]
    [InlineData("  {% if true %}\n   x\n  {% endif %}\n y {# c #}\n  {# d #}\n z", "   x\n y  z")]
    [InlineData("{{ messages | map(attribute='role') | join('/') }} {{ messages | selectattr('role','equalto','user') | list | length }}",
        "system/user/assistant/user 2")]
    [InlineData("{% macro f(a, b='x') %}[{{ a }}-{{ b }}]{% endmacro %}{{ f('q') }}{{ f(1, b=2) }}", "[q-x][1-2]")]
    [InlineData("{{ 'a,b,,c'.split(',') | join('|') }} {{ ' a  b '.split() | join('|') }} {{ 'a.b.c'.rsplit('.',1) | join('|') }} {{ "
        + "'a.b.c'.split('.',1)[1] }}", "a|b||c a|b a.b|c b.c")]
    [InlineData("{{ 'x' if false }}{{ 'y' if true else 'z' }}{{ nowhere }}{{ nowhere is defined }}{{ (nowhere or 'd') }}", "yFalsed")]
    [InlineData("{{ {'a': 1, 'b': [true, none, 'é\"\\n']} | tojson }}", "{\"a\": 1, \"b\": [true, null, \"é\\\"\\n\"]}")]
    [InlineData("{{ 1 < 2 < 3 }} {{ 3 in [1,2,3] }} {{ 'b' not in 'abc' }} {{ not true or true }} {{ 1 == 1.0 }} {{ '1' == 1 }}",
        "True True False True True False")]
    [InlineData("{% for k, v in {'a':1,'b':2}.items() %}{{ k }}{{ v }}{% endfor %}{% for x in [] %}{% else %}none{% endfor %}", "a1b2none")]
    [InlineData("{%- set a, b = 1, 2 %}{{ a }}{{ b }}{% set c %}in {{ a }}{% endset %}{{ c }}", "12in 1")]
    [InlineData("{{ messages[1]['content'] | trim }}|{{ messages[-1].content[:1] }}|{{ messages[0].get('name', 'no') }}|{{ "
        + "messages[0].tool_calls is defined }}", "q1|q|no|False")]
    [InlineData("{% raw %}{{ x }}{% endraw %}{{ '{{' }}", "{{ x }}{{")]
    [InlineData("{% for m in messages if m.role == 'user' %}{{ loop.index }}{{ loop.last }}{% endfor %}", "1False2True")]
    [InlineData("{% set x = 1 %}{% for i in range(3) %}{% set x = i %}{% endfor %}{{ x }}{% if true %}{% set x = 9 %}{% endif %}{{ x }}", "19")]
    [InlineData("a\n{%- if true %}\nb\n{%- endif %}\n\nc  {%+ if true %} d{% endif %}\n\n", "ab\nc   d")]
    [InlineData("{% if strftime_now is defined %}{{ strftime_now('%d') }}{% else %}26 Jul 2024{% endif %}", "26 Jul 2024")]
    [InlineData("{% for m in messages %}{% generation %}{{ m.role[0] }}{% endgeneration %}{% continue %}never{% endfor %}", "suau")]
        public void A_template_writes_what_the_reference_writes(string template, string expected) => Assert.Equal(expected, Render(template).Text);

    [Theory]
    [InlineData("{% include 'x' %}", "the statement 'include', which is not known")]
    [InlineData("{{ messages | pprint }}", "the filter 'pprint', which is not known")]
    [InlineData("{{ 'a' is filter }}", "the test 'filter', which is not known")]
    [InlineData("{{ 'a'.encode() }}", "the method 'encode' of a text, which is not known")]
    [InlineData("{{ strftime_now('%d') }}", "calls 'strftime_now', which is not known")]
    [InlineData("{{ messages }}", "prints a list")]
    [InlineData("{{ messages[0].role.name.first }}", "asks for 'first' of 'name', which is not there")]
    [InlineData("{% set messages.x = 1 %}", "'messages' is no namespace")]
    [InlineData("{% for i in range(1000000000) %}{% endfor %}", "a range that is too long")]
    [InlineData("{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}", "too many steps")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "inside itself too often")]
    [InlineData("{% if true %}", "ends without endif")]
    [InlineData("{{ 'a }}", "a quoted text without an end")]
    [InlineData("{{ 1 +", "tag without an end")]
    [InlineData("{% endif %}", "the statement 'endif' where none is open")]
    [InlineData("{{ 'a' + 1 }}", "'+' between a text and a number")]
    [InlineData("{{ 'a' | replace('b') }}", "not of a text")]
    public void What_is_not_known_is_refused_by_its_name(string template, string fact) =>
        Assert.Contains(fact, Assert.Throws<JinjaException>(() => Render(template)).Message, StringComparison.Ordinal);

    /// <summary>Of a judge's or a subject's folder, which somebody else wrote: each would take hours, or more memory than there is.</summary>
    [Theory]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}", "a text that is too long")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "a text that is too long")]
    [InlineData("{{ 'ab' * 10000 * 10000 * 10000 }}", "a text that is too long")]
    [InlineData("{% set ns = namespace(x='aaaa') %}{% for i in range(60) %}{% set ns.x = ns.x | replace('a', ns.x) %}{% endfor %}",
        "a text that is too long")]
    [InlineData("{% set x = 'ab' * 10000 %}{% for i in range(90000) %}{{ x }}{% endfor %}", "too many steps")]
    [InlineData("{% for i in range(90000) %}some text that is written again and again, without end{% endfor %}", "a text that is too long")]
    [InlineData("{% set ns = namespace(x=[1, 2]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "too many steps")]
    [InlineData("{% for i in range(90000) %}{% set x = range(90000) | length %}{% endfor %}", "too many steps")]
    [InlineData("{{ range(90000) | unique | length }}", "too many steps")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | tojson }}", "nested too deeply")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x == [ns.x] }}",
        "nested too deeply")]
    [InlineData("{% set ns = namespace(x=1) %}{% set ns.x = ns %}{{ ns | tojson }}", "nested too deeply")]
    [InlineData("{{ [1] | tojson(indent=2000000000) }}", "an indent that is too wide")]
    [InlineData("{{ 'a\nb' | indent(2000000000) }}", "an indent that is too wide")]
    public void A_template_that_would_take_the_machine_is_refused(string template, string fact) =>
        Assert.Contains(fact, Assert.Throws<JinjaException>(() => Render(template)).Message, StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_end_the_process()
    {
        Assert.Contains("nested too deeply", Assert.Throws<JinjaException>(() => Render($"{{{{ {new string('(', 100_000)}1 }}}}")).Message,
            StringComparison.Ordinal);
        Assert.Contains("nested too deeply",
            Assert.Throws<JinjaException>(() => Render(string.Concat(Enumerable.Repeat("{% if true %}", 100_000)))).Message,
            StringComparison.Ordinal);
        Assert.Contains("nested too deeply",
            Assert.Throws<JinjaException>(() => Render($"{{{{ {string.Concat(Enumerable.Repeat("not ", 100_000))}1 }}}}")).Message,
            StringComparison.Ordinal);
        Assert.Contains("nested too deeply",
            Assert.Throws<JinjaException>(() => Render($"{{{{ 1{string.Concat(Enumerable.Repeat(" | string", 100_000))} }}}}")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_raises_says_so() =>
        Assert.True(Assert.Throws<JinjaException>(() => Render("{{ raise_exception('Only user') }}")).IsRaised);

    [Theory]
    [InlineData("{{ raise_exception('bad: ' + messages[3].content + '!') }}", "says: bad: …!")]
    [InlineData("{{ messages[0][messages[3].content].x }}", "of '…', which is not there")]
    [InlineData("{{ ['a'] | map(messages[3].content) | join }}", "the filter '…', which is not known")]
    [InlineData("{{ ['a'] | select(messages[3].content) | join }}", "the test '…', which is not known")]
    public void No_refusal_repeats_what_a_row_says(string template, string fact)
    {
        var message = Assert.Throws<JinjaException>(() => Render(template)).Message;
        Assert.Contains(fact, message, StringComparison.Ordinal);
        Assert.DoesNotContain("q2", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ messages[1].content | trim }}", "rr")]
    [InlineData("{{ '<' + messages[1].content | trim | upper + '>' }}", "trrt")]
    [InlineData("{{ 'a b c'.replace('b', messages[1].content.strip()) }}", "ttrrtt")]
    [InlineData("{{ messages[1].content.split('1')[0] }}{{ messages[1].role }}", "rrtttt")]
    [InlineData("{{ [messages[3].content, 'x'] | join('-') }}", "rrtt")]
    [InlineData("{% set x %}[{{ messages[3].content }}]{% endset %}{{ x[1:] }}", "rrt")]
    [InlineData("{{ messages[3].content | tojson }}", "trrt")]
    [InlineData("{{ messages[3].content[::-1] ~ 1 }}", "rrt")]
    public void Of_every_character_it_stays_known_whether_a_row_said_it(string template, string marks) =>
        Assert.Equal(marks, Render(template).Marks);

    private static MarkedText Render(string template) => JinjaTemplate.Parse(template).Render(new Dictionary<string, object?>
    {
        ["messages"] = new List<object?> { Message("system", "S"), Message("user", " q1 "), Message("assistant", "a1"), Message("user", "q2") },
    });

    private static JinjaMap Message(string role, string content) =>
        new() { ["role"] = MarkedText.Of(role), ["content"] = MarkedText.Of(content, MarkedText.OfRow) };
}
