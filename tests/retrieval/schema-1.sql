-- A library of the first schema, as its release wrote it; its index of words is built when it is loaded.
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR, 
	PRIMARY KEY ("key")
);
CREATE TABLE articles (
	id VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	added VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE versions (
	article_id VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	stored VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	url VARCHAR, 
	source VARCHAR, 
	authors JSON NOT NULL, 
	published VARCHAR, 
	published_precision VARCHAR NOT NULL, 
	page_date VARCHAR, 
	modified VARCHAR, 
	language VARCHAR, 
	PRIMARY KEY (article_id, version)
);
CREATE TABLE chunks (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	article_id VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	heading VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	day VARCHAR, 
	source VARCHAR, 
	UNIQUE (article_id, version, position)
);
CREATE TABLE vectors (
	chunk_id INTEGER NOT NULL, 
	vector BLOB NOT NULL, 
	PRIMARY KEY (chunk_id)
);
CREATE TABLE statements (
	id INTEGER NOT NULL, 
	article_id VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	day VARCHAR, 
	source VARCHAR, 
	speaker VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	content JSON NOT NULL, 
	context_start INTEGER NOT NULL, 
	context_end INTEGER NOT NULL, 
	mention JSON, 
	cue JSON, 
	aliases JSON NOT NULL, 
	role VARCHAR, 
	addressee VARCHAR, 
	said_when VARCHAR, 
	said_on VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE names (
	scope VARCHAR NOT NULL, 
	word VARCHAR NOT NULL, 
	speaker VARCHAR NOT NULL, 
	article_id VARCHAR NOT NULL, 
	PRIMARY KEY (scope, word, speaker, article_id)
)
 WITHOUT ROWID

;
CREATE TABLE pending (
	article_id VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	chunks INTEGER NOT NULL, 
	PRIMARY KEY (article_id, version)
);
CREATE VIEW chunk_text as
       select c.id as id, c.heading as heading, substr(v.text, c.start + 1, c."end" - c.start) as body
       from chunks c join versions v on v.article_id = c.article_id and v.version = c.version;
CREATE INDEX ix_articles_scope ON articles (scope);
CREATE INDEX chunks_by_day ON chunks (scope, day);
CREATE INDEX ix_statements_article_id ON statements (article_id);
CREATE INDEX statements_by_speaker ON statements (scope, speaker);
CREATE INDEX ix_names_article_id ON names (article_id);
CREATE VIRTUAL TABLE chunk_words using fts5(
       heading, body, content='chunk_text', content_rowid='id', tokenize="porter unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE chunk_vocabulary using fts5vocab(chunk_words, 'row');
insert into meta values ('embedding','hashed/4');
insert into articles values ('6991647ac598e151','public','3b4c0cfc5d18df3e','2026-11-25T13:43:17.515641+00:00');
insert into articles values ('6ac7e5018c513607','public','0a395112e9cae3ff','2026-11-25T13:43:17.676583+00:00');
insert into articles values ('0b57abbee95267dc','42','6df604d4966d9431','2026-11-25T13:43:17.803531+00:00');
insert into versions values ('6991647ac598e151','3db0e0c4a2066ffe','2026-11-25T13:43:17.415538+00:00','Crane falls at the quay','A harbour crane fell on two trucks on Tuesday, and four dock workers were hurt.

“It was checked in May,” Mara Wendt, the harbour spokeswoman, told reporters. She said the quay would stay shut.','https://courier.example/crane','Courier','[]','2026-03-04T00:00:00+00:00','day',NULL,NULL,NULL);
insert into versions values ('6991647ac598e151','3b4c0cfc5d18df3e','2026-11-25T13:43:17.515641+00:00','Crane falls at the quay','A harbour crane fell on two trucks on Tuesday, and six dock workers were hurt.

“It was checked in May,” Mara Wendt, the harbour spokeswoman, told reporters. She said the quay would stay shut.','https://courier.example/crane','Courier','[]','2026-03-04T00:00:00+00:00','day',NULL,NULL,NULL);
insert into versions values ('6ac7e5018c513607','0a395112e9cae3ff','2026-11-25T13:43:17.676583+00:00','Ferry sails','The ferry sails again on Friday.

Tomas Rell, who runs the line, said: “We are ready.”',NULL,NULL,'[]',NULL,'none',NULL,NULL,NULL);
insert into versions values ('0b57abbee95267dc','6df604d4966d9431','2026-11-25T13:43:17.803531+00:00','Merger','The merger is on Friday. “Tell nobody,” Ida Brandt said.',NULL,NULL,'[]',NULL,'none',NULL,NULL,NULL);
insert into chunks values (2,'6991647ac598e151','3b4c0cfc5d18df3e',0,0,192,'Crane falls at the quay · Courier · 4 March 2026 · Mara Wendt','public','2026-03-04','Courier');
insert into chunks values (3,'6ac7e5018c513607','0a395112e9cae3ff',0,0,86,'Ferry sails · Tomas Rell','public',NULL,NULL);
insert into chunks values (4,'0b57abbee95267dc','6df604d4966d9431',0,0,56,'Merger · Ida Brandt','42',NULL,NULL);
insert into vectors values (2,X'225A153FE51A7C3E7E92413FCD1C293E');
insert into vectors values (3,X'EC0772BF3E9B1C3D0F50913DF5A1A1BE');
insert into vectors values (4,X'01ED18BFC2EF1F3E74A9353FCCC7ADBE');
insert into statements values (1,'6991647ac598e151','3b4c0cfc5d18df3e','public','2026-03-04','Courier','Mara Wendt','direct','[[80, 104]]',80,157,'[105, 115]','[142, 146]','["Wendt"]','harbour spokeswoman','reporters',NULL,NULL);
insert into statements values (2,'6991647ac598e151','3b4c0cfc5d18df3e','public','2026-03-04','Courier','Mara Wendt','indirect','[[167, 191]]',158,192,'[158, 161]','[162, 166]','["Wendt"]','harbour spokeswoman',NULL,NULL,NULL);
insert into statements values (3,'6ac7e5018c513607','0a395112e9cae3ff','public',NULL,NULL,'Tomas Rell','direct','[[71, 86]]',34,86,'[34, 44]','[65, 69]','["Rell"]',NULL,NULL,NULL,NULL);
insert into statements values (4,'0b57abbee95267dc','6df604d4966d9431','42',NULL,NULL,'Ida Brandt','direct','[[25, 39]]',25,56,'[40, 50]','[51, 55]','["Brandt"]',NULL,NULL,NULL,NULL);
insert into names values ('42','brandt','Ida Brandt','0b57abbee95267dc');
insert into names values ('42','ida','Ida Brandt','0b57abbee95267dc');
insert into names values ('public','harbour','Mara Wendt','6991647ac598e151');
insert into names values ('public','mara','Mara Wendt','6991647ac598e151');
insert into names values ('public','spokeswoman','Mara Wendt','6991647ac598e151');
insert into names values ('public','wendt','Mara Wendt','6991647ac598e151');
insert into names values ('public','rell','Tomas Rell','6ac7e5018c513607');
insert into names values ('public','tomas','Tomas Rell','6ac7e5018c513607');
update sqlite_sequence set seq = 5 where name = 'chunks';
insert into chunk_words (chunk_words) values ('rebuild');
pragma user_version = 1;
