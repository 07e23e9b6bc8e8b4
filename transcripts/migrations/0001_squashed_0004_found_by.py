import django.db.models.deletion
import recordings.providers.snapshots
import uuid
from django.conf import settings
from django.db import migrations, models


# The words themselves, in the database's own index: no model can say it.
CREATE = {
    "sqlite": "CREATE VIRTUAL TABLE transcripts_words"
    " USING fts5(tokens, facts, content='', tokenize='ascii')",
    "postgresql": "CREATE INDEX transcripts_words ON transcripts_searchentry"
    " USING gin (array_to_tsvector(string_to_array(rtrim(facts || ' ' || tokens), ' ')))",
}
DROP = {"sqlite": "DROP TABLE transcripts_words", "postgresql": "DROP INDEX transcripts_words"}


def create_words(apps, schema_editor):
    schema_editor.execute(CREATE[schema_editor.connection.vendor])


def drop_words(apps, schema_editor):
    schema_editor.execute(DROP[schema_editor.connection.vendor])


class Migration(migrations.Migration):

    replaces = [
        ('transcripts', '0001_initial'),
        ('transcripts', '0002_exports_and_comparisons'),
        ('transcripts', '0003_search_and_overlays'),
        ('transcripts', '0004_found_by'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('recordings', '0001_squashed_0011_first_come_first_served'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchIndex',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(help_text='Of the tokenizer that wrote it.', max_length=40)),
                ('erased', models.BigIntegerField(default=0, help_text='Transcripts taken out so far.')),
                ('purged', models.BigIntegerField(default=0, help_text='Of these, those whose words are in no file of the index any more.')),
            ],
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('order_key', models.CharField(help_text='Made with the form: the same form twice is one export.', max_length=100, unique=True)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('building', 'Building'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('erased', 'Erased'), ('expired', 'Expired')], default='queued', max_length=10)),
                ('source', models.CharField(help_text='Where the transcripts were chosen.', max_length=40)),
                ('query', models.TextField(blank=True, help_text='The filters there.')),
                ('options', models.JSONField(default=dict)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('total', models.PositiveIntegerField(default=0, help_text='Transcripts found so far.')),
                ('done', models.PositiveIntegerField(default=0, help_text='Of these, looked at.')),
                ('left_out', models.PositiveIntegerField(default=0)),
                ('size', models.BigIntegerField(blank=True, help_text='Bytes of the file.', null=True)),
                ('problem', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-created_at', '-pk'),
                'indexes': [models.Index(fields=['user', '-created_at', '-id'], name='export_page'), models.Index(condition=models.Q(('state', 'ready')), fields=['expires_at'], name='export_expiry')],
            },
        ),
        migrations.CreateModel(
            name='Transcript',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('external_id', models.CharField(blank=True, help_text="The provider's own id; empty until the provider has answered.", max_length=200)),
                ('provider_status', models.CharField(blank=True, max_length=100)),
                ('status_at', models.DateTimeField(blank=True, help_text="The provider's time of it.", null=True)),
                ('reason', models.TextField(blank=True)),
                ('reason_code', models.CharField(blank=True, max_length=200)),
                ('source', models.CharField(blank=True, choices=[('reply', 'answer to an order or a read'), ('webhook', 'callback'), ('sweep', 'listing')], max_length=10)),
                ('found_by', models.CharField(blank=True, choices=[('reply', 'answer to an order or a read'), ('webhook', 'callback'), ('sweep', 'listing')], help_text='What first told of it; empty: ordered here.', max_length=10)),
                ('seen_at', models.DateTimeField(blank=True, help_text='When the provider last spoke of it.', null=True)),
                ('swept_at', models.DateTimeField(blank=True, help_text='When a listing last held it.', null=True)),
                ('raw', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True, db_index=True)),
                ('recording_external_id', models.CharField(blank=True, help_text='Of a recording that is not in the mirror yet.', max_length=200)),
                ('kind', models.CharField(blank=True, max_length=40)),
                ('engine', models.CharField(blank=True, max_length=100)),
                ('language', models.CharField(blank=True, max_length=40)),
                ('status', models.CharField(choices=[('requested', 'requested'), ('in_progress', 'in_progress'), ('paused', 'paused'), ('processing', 'processing'), ('completed', 'completed'), ('failed', 'failed'), ('deleted', 'deleted')], default=recordings.providers.snapshots.Status['REQUESTED'], max_length=12)),
                ('handle', models.JSONField(blank=True, default=dict)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('sort_at', models.DateTimeField(help_text='When it began, as far as known: the order of lists.')),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('duration_seconds', models.FloatField(blank=True, null=True)),
                ('price', models.DecimalField(blank=True, decimal_places=6, max_digits=14, null=True)),
                ('currency', models.CharField(blank=True, max_length=8)),
                ('is_empty', models.BooleanField(default=False, help_text='Completed without a word.')),
                ('is_primary', models.BooleanField(default=False)),
                ('has_text', models.BooleanField(default=False, help_text='Its words are stored here.')),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('is_buried', models.BooleanField(default=False, help_text='A tombstone: nothing brings it back.')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='recordings.account')),
                ('call', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transcripts', to='recordings.call')),
                ('deleted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transcripts', to='recordings.recording')),
            ],
            options={
                'ordering': ('-sort_at', '-pk'),
                'indexes': [models.Index(fields=['-sort_at', '-id'], name='transcript_page'), models.Index(fields=['account', '-sort_at', '-id'], name='transcript_account_page'), models.Index(fields=['status', '-sort_at', '-id'], name='transcript_status_page'), models.Index(condition=models.Q(('recording_external_id', ''), _negated=True), fields=['account', 'recording_external_id'], name='transcript_orphan')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('account', 'external_id'), name='transcript_unique_external_id'), models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('recording',), name='transcript_one_primary')],
            },
        ),
        migrations.CreateModel(
            name='SpeakerName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_current', models.BooleanField(default=True)),
                ('made_at', models.DateTimeField()),
                ('label', models.CharField(blank=True, help_text="The provider's label; empty: lines without a speaker.", max_length=300)),
                ('name', models.CharField(blank=True, help_text="Empty: the provider's label again.", max_length=200)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('transcript', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='transcripts.transcript')),
            ],
            options={
                'ordering': ('-made_at', '-pk'),
                'permissions': (('correct_transcript', 'Name speakers and correct lines of transcripts'),),
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('transcript', 'label'), name='speaker_one_name')],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('place', models.BigAutoField(help_text="Seconds of its time, made unique: the order of results, and its row in SQLite's index.", primary_key=True, serialize=False)),
                ('sort_at', models.DateTimeField()),
                ('facts', models.TextField(help_text='What filters look for, as tokens in large letters.')),
                ('speakers', models.TextField(blank=True, help_text='Tokens of the names, an x between two names.')),
                ('tokens', models.TextField(blank=True, help_text="PostgreSQL only: SQLite's index needs no copy.")),
                ('checksum', models.BigIntegerField(help_text='Of the tokens: only the very same can be taken out.')),
                ('is_overlaid', models.BooleanField(default=False, help_text='People named speakers or corrected lines.')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='recordings.account')),
                ('transcript', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='search_entry', to='transcripts.transcript')),
            ],
        ),
        migrations.CreateModel(
            name='LineCorrection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_current', models.BooleanField(default=True)),
                ('made_at', models.DateTimeField()),
                ('line', models.PositiveIntegerField(help_text='The number of the utterance, from 0.')),
                ('said', models.TextField(help_text="The provider's text of the line, by which it is found again.")),
                ('text', models.TextField(blank=True)),
                ('speaker', models.CharField(blank=True, max_length=200)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('transcript', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='transcripts.transcript')),
            ],
            options={
                'ordering': ('-made_at', '-pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('transcript', 'line'), name='correction_one_a_line')],
            },
        ),
        migrations.CreateModel(
            name='ExportItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, help_text='Of its file; empty when it has none.', max_length=250)),
                ('size', models.PositiveIntegerField(default=0)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('reason', models.CharField(blank=True, help_text='Why it was left out.', max_length=200)),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='transcripts.export')),
                ('transcript', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='export_items', to='transcripts.transcript')),
            ],
            options={
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(fields=('export', 'transcript'), name='export_item_unique')],
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('is_original', models.BooleanField(default=False, help_text="Without people's names and corrections.")),
                ('reference_version', models.CharField(blank=True, max_length=100)),
                ('other_version', models.CharField(blank=True, max_length=100)),
                ('result', models.JSONField(blank=True, null=True)),
                ('problem', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='transcripts.transcript')),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comparisons', to='transcripts.transcript')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('reference', 'other', 'is_original'), name='comparison_unique_pair')],
            },
        ),
        migrations.CreateModel(
            name='TranscriptText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('utterances', models.JSONField(default=list, help_text='[{speaker, start, end, text, channel, confidence, language, words: [[text, start, end, confidence]]}]')),
                ('words', models.PositiveIntegerField(default=0)),
                ('files', models.JSONField(default=list, help_text='[{name, content_type, path, size, sha256}], paths inside the data folder.')),
                ('language', models.CharField(blank=True, max_length=40)),
                ('note', models.TextField(blank=True, help_text='Why there are no words, if the provider says.')),
                ('problem', models.TextField(blank=True, help_text='Why a file could not be read.')),
                ('extra', models.JSONField(blank=True, null=True)),
                ('stored_at', models.DateTimeField()),
                ('transcript', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='text', to='transcripts.transcript')),
            ],
        ),
        migrations.RunPython(create_words, drop_words),
    ]
